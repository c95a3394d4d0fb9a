/** Clears this phone of a learner who erased everything, here or on another phone; the others who learn here stay. */

import { removeSavedPlaylist, savedPlaylists } from "../store/bundles.js";
import { learnersHere } from "../store/device.js";
import { addErased } from "../store/erased.js";
import { forgetFilesExcept, forgetVisited } from "../store/kept-files.js";
import { isWaiting, itemsOf } from "../store/outbox.js";
import { person, removePerson } from "../store/people.js";

/**
 * All tabs draw anew by it, as after any change of the store.
 * @param {string} learner
 */
export async function clearErased(learner) {
  if (!(await learnersHere()).includes(learner)) return; // another tab was faster
  const unsent = (await itemsOf(learner)).filter(isWaiting).length;
  const name = (await person(learner))?.name ?? "";
  await removePerson(learner, { rescued: true });
  const alone = !(await learnersHere()).length;
  if (alone) await clearPages();
  await addErased({ name: alone ? "" : name, at: Date.now(), unsent });
}

/** What was saved and looked at says something about whoever was the only one here. */
async function clearPages() {
  if (!globalThis.caches) return;
  for (const { id } of await savedPlaylists()) await removeSavedPlaylist(id);
  await forgetVisited();
  await forgetFilesExcept(new Set());
}
