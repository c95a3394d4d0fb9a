/** What was typed but not yet handed in, per task, so a closed browser loses nothing. */

import { db, dbIfAny } from "./db.js";
import { learnerId } from "./device.js";
import { changed } from "./live.js";

/**
 * @param {string} task
 * @returns {Promise<any>} undefined when there is none
 */
export async function draft(task) {
  return (await (await dbIfAny())?.get("drafts", [await author(), task]))?.value;
}

/**
 * @param {string} task
 * @param {any} value
 */
export async function putDraft(task, value) {
  await (await db()).put("drafts", { learner: await author(), task, value, at: Date.now() });
  changed("drafts");
}

/** @param {string} task */
export async function removeDraft(task) {
  await (await dbIfAny())?.delete("drafts", [await author(), task]);
  changed("drafts");
}

/** Whoever has done nothing yet writes too: their drafts are nobody's until their first action. */
export async function author() {
  return (await learnerId()) ?? "";
}
