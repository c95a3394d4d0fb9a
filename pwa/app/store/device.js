/** Who learns on this browser, as which device, and where its chain of events ends. */

import { db, dbIfAny } from "./db.js";
import { claimDrafts } from "./drafts.js";
import { changed } from "./live.js";

/**
 * Who is at work, and in which turn: each switch begins another one. Empty: nobody yet, or nobody now.
 * @typedef {{learner: string, turn?: number}} Turn
 */

/** @returns {Promise<Turn>} */
export async function atWork() {
  const row = await (await dbIfAny())?.get("settings", "learner");
  return { learner: row?.value ?? "", turn: row?.turn ?? 0 };
}

/**
 * The learner whose work this browser records now; null before their first action.
 * @returns {Promise<string | null>}
 */
export async function learnerId() {
  return (await atWork()).learner || null;
}

/**
 * Whose is work that was begun in a turn? Within it, the learner at work may only just have been made.
 * @param {Turn} [begun] not given: whoever is at work now
 * @returns {Promise<string>} empty when nobody was and nobody is
 * @throws when nobody was at work and somebody else is now: it must not become theirs
 */
export async function whose(begun) {
  const now = await atWork();
  if (!begun || begun.turn === now.turn) return now.learner;
  if (!begun.learner) throw new Error("begun by nobody, in an earlier turn");
  return (await (await dbIfAny())?.get("settings", `became@${begun.learner}`))?.value ?? begun.learner;
}

/**
 * @param {string} [learner] the one at work when not given
 * @returns {Promise<DeviceRow | null>}
 */
export async function device(learner) {
  const database = await dbIfAny();
  const whose = learner ?? (await learnerId());
  return (database && whose && (await database.get("device", whose))) || null;
}

/**
 * Everybody who has a device here, the one at work first.
 * @returns {Promise<string[]>} learners
 */
export async function learnersHere() {
  const [learners, atWork] = [(await (await dbIfAny())?.getAllKeys("device")) ?? [], await learnerId()];
  return learners.sort((a, b) => Number(b === atWork) - Number(a === atWork));
}

/**
 * Is there anything here that a cycle could be about?
 * @returns {Promise<boolean>}
 */
export async function isInUse() {
  const database = await dbIfAny();
  return Boolean(database && ((await database.count("device")) || (await database.count("relay"))));
}

/**
 * Store a learner's device, unless another tab was faster. A new learner is at work from now on, when nobody is; one who
 * is known already may have gone since they began.
 * @param {DeviceRow} row
 * @param {{learner?: string, turn?: number}} [of] learner: who is known already; else it is for the one at work, or a
 *   new one · turn: in which it was begun
 * @returns {Promise<DeviceRow>} the one that holds
 * @throws when it is for nobody yet, and another turn has begun meanwhile
 */
export async function addDevice(row, { learner = "", turn } = {}) {
  const tx = (await db()).transaction(["device", "settings", "drafts"], "readwrite", { durability: "strict" });
  const now = await tx.objectStore("settings").get("learner");
  // Making keys takes a moment, in which somebody may have come to work: it must not become theirs.
  if (!learner && turn !== undefined && turn !== (now?.turn ?? 0)) throw new Error("another turn has begun");
  const mine = { ...row, learner: learner || now?.value || row.learner };
  const earlier = await tx.objectStore("device").get(mine.learner);
  if (!earlier) await tx.objectStore("device").put(mine);
  if (!learner && !now?.value) {
    await tx.objectStore("settings").put({ ...now, name: "learner", value: mine.learner });
    await claimDrafts(tx.objectStore("drafts"), mine.learner);
  }
  await tx.done;
  changed("device", "settings", "drafts");
  return earlier ?? mine;
}
