/** Clears this phone of a learner who erased everything, here or on another phone; the others who learn here stay. */

import "../load/ground.js";
import { db } from "../store/db.js";
import { learnerId, learnersHere } from "../store/device.js";
import { addErased } from "../store/erased.js";
import { forgetFilesExcept, forgetVisited } from "../store/kept-files.js";
import { changed } from "../store/live.js";
import { isWaiting, itemsOf } from "../store/outbox.js";
import { person, removePerson } from "../store/people.js";
import { passkeysAreGone } from "./passkeys.js";
import { report } from "./status.js";

/**
 * Was their last word accepted? Then nothing of theirs stays on this phone.
 * @param {string} learner
 */
export async function wasErased(learner) {
  if (!(await itemsOf(learner)).some(({ type, state }) => type === "learner.erase" && state === "accepted")) return false;
  await clearErased(learner);
  return true;
}

/**
 * The server says that another phone of theirs erased everything.
 * @param {string} learner
 * @returns {Promise<"done">} the outcome of the cycle
 */
export async function hearErased(learner) {
  const mine = (await learnerId()) === learner;
  await clearErased(learner);
  report({ online: true, ...(mine && { problem: null }) });
  return "done";
}

/**
 * All tabs draw anew by it, as after any change of the store.
 * @param {string} learner
 */
async function clearErased(learner) {
  if (!(await learnersHere()).includes(learner)) return; // another tab was faster
  const unsent = (await itemsOf(learner)).filter(isWaiting).length;
  const name = (await person(learner))?.name ?? "";
  await removePerson(learner, { rescued: true });
  const alone = !(await learnersHere()).length;
  if (alone) await clearPages();
  await addErased({ name: alone ? "" : name, at: Date.now(), unsent });
  await passkeysAreGone(learner);
}

/** What was saved and looked at says something about whoever was the only one here. */
async function clearPages() {
  if (!globalThis.caches) return;
  await (await db()).clear("bundles"); // by hand: store/bundles.js is a part of what a visit loads at once
  changed("bundles");
  await forgetVisited();
  await forgetFilesExcept(new Set());
}
