/** Bytes that are kept only to be given up: when the phone is full, there must still be room for what a person just did. */

import { db, dbIfAny } from "./db.js";

const NAME = "ballast";
const BYTES = 5 * 1024 * 1024;
/** Below this the phone has better use for its room. */
const ROOM_WANTED = 20 * BYTES;
/** The most that one call of getRandomValues fills. */
const RANDOM_BYTES = 65_536;

/**
 * Keep the ballast, once there is something to protect and if there is plenty of room.
 * @returns {Promise<boolean>} true when it is there
 */
export async function growBallast() {
  const database = await dbIfAny();
  if (!database || !(await database.count("outbox"))) return false;
  if (await database.getKey("ballast", NAME)) return true;
  const { quota = 0, usage = 0 } = (await globalThis.navigator?.storage?.estimate?.()) ?? {};
  if (quota - usage < ROOM_WANTED) return false;
  await database.put("ballast", { name: NAME, bytes: noise() });
  return true;
}

/**
 * Give it up.
 * @returns {Promise<boolean>} true when there was one
 */
export async function freeBallast() {
  const database = await db();
  if (!(await database.getKey("ballast", NAME))) return false;
  await database.delete("ballast", NAME);
  return true;
}

/** Is this the error of a disk on which there is no room? @param {any} error */
export const isFull = (error) => error?.name === "QuotaExceededError";

/** A browser may press zeros into nothing, and then nothing comes free. */
function noise() {
  const bytes = new Uint8Array(BYTES);
  for (let at = 0; at < BYTES; at += RANDOM_BYTES) crypto.getRandomValues(bytes.subarray(at, at + RANDOM_BYTES));
  return bytes.buffer;
}
