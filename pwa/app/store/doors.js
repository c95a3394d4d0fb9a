/** The doors that this phone has opened: what the server last said of each, to be worked with when there is no network. */

import { serverAhead } from "./clock.js";
import { db, dbIfAny } from "./db.js";
import { changed } from "./live.js";

/**
 * All doors, in the order in which their sessions begin.
 * @returns {Promise<Door[]>}
 */
export async function doors() {
  const all = (await (await dbIfAny())?.getAll("doors")) ?? [];
  const offset = await serverAhead();
  return all.map((row) => ({ ...row, offset })).sort((a, b) => a.reply.occurrence.starts - b.reply.occurrence.starts);
}

/**
 * @param {string} occurrence
 * @returns {Promise<Door | undefined>}
 */
export async function door(occurrence) {
  const row = await (await dbIfAny())?.get("doors", occurrence);
  return row && { ...row, offset: await serverAhead() };
}

/**
 * Change a door, or add it, in one transaction.
 * @param {string} occurrence
 * @param {(before: StoredDoor | undefined) => StoredDoor | undefined} to undefined: leave it as it is
 */
export async function changeDoor(occurrence, to) {
  const tx = (await db()).transaction("doors", "readwrite", { durability: "strict" });
  const next = to(await tx.store.get(occurrence));
  if (next) await tx.store.put(next);
  await tx.done;
  if (next) changed("doors");
}

/**
 * Put a door away. What was done at it stays in the outbox.
 * @param {string} occurrence
 */
export async function removeDoor(occurrence) {
  await (await db()).delete("doors", occurrence);
  changed("doors");
}
