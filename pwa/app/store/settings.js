/** Small facts of this browser: who is learning on it; and of each learner here: when they last synced, what was celebrated. */

import { db, dbIfAny } from "./db.js";
import { changed } from "./live.js";

/** What belongs to a learner, under `name@learner`. */
const OWN = /** @type {const} */ (["celebrated", "flags_seen", "known_stops", "known_playlists", "known_sessions", "pass_shows", "place", "share_links", "synced_at"]);

/** @typedef {typeof OWN[number]} OwnName */

/**
 * @param {string} name
 * @returns {Promise<any>} undefined when not set
 */
export async function setting(name) {
  return (await (await dbIfAny())?.get("settings", name))?.value;
}

/**
 * @param {string} name
 * @param {any} value
 */
export async function putSetting(name, value) {
  await (await db()).put("settings", { name, value });
  changed("settings");
}

/** @param {OwnName} name @param {string} learner */
export const ownKey = (name, learner) => `${name}@${learner}`;

/**
 * A fact of the learner at work.
 * @param {OwnName} name
 * @returns {Promise<any>} undefined when not set, or when nobody is at work
 */
export async function ownSetting(name) {
  const learner = await setting("learner");
  if (!learner) return undefined;
  if ((await setting(name)) !== undefined) await moveOld(learner);
  return setting(ownKey(name, learner));
}

/**
 * Change a fact of the learner at work, if somebody is. Read and written in one transaction: else what one learner has
 * could be written to another who comes to work meanwhile, or over what another tab has just added.
 * @param {OwnName} name
 * @param {(before: any) => any} to undefined: leave it
 */
export async function changeOwnSetting(name, to) {
  const tx = (await db()).transaction("settings", "readwrite");
  const learner = (await tx.store.get("learner"))?.value;
  if (learner) await giveOldSettings(tx.store, learner);
  const key = ownKey(name, learner);
  const value = learner ? to((await tx.store.get(key))?.value) : undefined;
  if (value !== undefined) await tx.store.put({ name: key, value });
  await tx.done;
  if (value !== undefined) changed("settings");
}

/** @param {string} learner */
async function moveOld(learner) {
  const tx = (await db()).transaction("settings", "readwrite");
  await giveOldSettings(tx.store, learner);
  await tx.done;
}

/**
 * Facts once belonged to the browser: they go to the learner who was alone on it.
 * @param {any} settings the store, in a transaction that writes
 * @param {string} learner
 */
export async function giveOldSettings(settings, learner) {
  for (const name of OWN) {
    const old = await settings.get(name);
    if (!old) continue;
    await settings.delete(name);
    if (!(await settings.get(ownKey(name, learner)))) await settings.put({ ...old, name: ownKey(name, learner) });
  }
}
