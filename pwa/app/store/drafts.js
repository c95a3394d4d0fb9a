/** What was typed but not yet handed in, per learner and task, so a closed browser loses nothing. */

import { db, dbIfAny } from "./db.js";
import { whose } from "./device.js";
import { changed } from "./live.js";

// Whoever has done nothing yet writes too: their drafts are nobody's ("") until somebody is at work.

/** @typedef {import("./device.js").Turn} Turn */

/**
 * @param {string} task
 * @param {Turn} [begun] in which the form was opened; now, when not given
 * @returns {Promise<any>} undefined when there is none
 */
export async function draft(task, begun) {
  return (await (await dbIfAny())?.get("drafts", [await whose(begun), task]))?.value;
}

/**
 * @param {string} task
 * @param {any} value
 * @param {Turn} [begun]
 */
export async function putDraft(task, value, begun) {
  await (await db()).put("drafts", { learner: await whose(begun), task, value, at: Date.now() });
  changed("drafts");
}

/**
 * All drafts of the one at work whose `task` begins so.
 * @param {string} start
 * @returns {Promise<{task: string, value: any}[]>}
 */
export async function draftsOf(start) {
  const learner = await whose();
  return (await (await dbIfAny())?.getAll("drafts", IDBKeyRange.bound([learner, start], [learner, `${start}\uffff`]))) ?? [];
}

/** @param {string} task of the one at work */
export async function dropDraft(task) {
  await (await db()).delete("drafts", [await whose(), task]);
  changed("drafts");
}

/**
 * Give nobody's drafts to the learner who comes to work now; once given, no other gets them.
 * @param {any} drafts the store, in a transaction that writes
 * @param {string} learner
 */
export async function claimDrafts(drafts, learner) {
  for (const found of await drafts.getAll(IDBKeyRange.bound(["", ""], ["", "\uffff"]))) {
    await drafts.delete(["", found.task]);
    if (!(await drafts.get([learner, found.task]))) await drafts.put({ ...found, learner });
  }
}
