/** Playlists saved on this phone: their manifests, how far they are, and what they know of a stop. */

import { db, dbIfAny } from "./db.js";
import { changed } from "./live.js";

/**
 * All playlists of which something is kept, or being fetched.
 * @returns {Promise<SavedPlaylist[]>}
 */
export async function savedPlaylists() {
  return (await (await dbIfAny())?.getAll("bundles")) ?? [];
}

/**
 * @param {string} id the playlist's
 * @returns {Promise<SavedPlaylist | undefined>}
 */
export async function savedPlaylist(id) {
  return (await dbIfAny())?.get("bundles", id);
}

/**
 * Read, change and write in one transaction, so that progress from two tabs does not overwrite itself.
 * @param {string} id
 * @param {(row: SavedPlaylist) => SavedPlaylist} change
 * @returns {Promise<SavedPlaylist>}
 */
export async function changeSavedPlaylist(id, change) {
  const tx = (await db()).transaction("bundles", "readwrite");
  const now = (await tx.store.get(id)) ?? absent(id);
  const next = change(now);
  await tx.store.put(next);
  await tx.done;
  changed("bundles");
  return next;
}

/** @param {string} id */
export async function removeSavedPlaylist(id) {
  await (await db()).delete("bundles", id);
  changed("bundles");
}

/**
 * What the saved playlists know of an activity; undefined when none holds it.
 * @param {string} id
 * @returns {Promise<BundleActivity | undefined>}
 */
export async function savedActivity(id) {
  for (const { bundle } of await savedPlaylists()) {
    const found = bundle?.activities.find((activity) => activity.id === id);
    if (found) return found;
  }
}

/**
 * The session that a point belongs to, as the saved playlists know it.
 * @param {string} point
 * @returns {Promise<Session | undefined>}
 */
export async function savedSession(point) {
  const all = (await savedPlaylists()).flatMap(({ bundle }) => bundle?.sessions ?? []);
  return all.find((session) => session.point === point);
}

/**
 * All codes that the saved playlists know of, each once.
 * @returns {Promise<CodeCommitment[]>}
 */
export async function savedCodes() {
  const all = (await savedPlaylists()).flatMap(({ bundle }) => bundle?.codes ?? []);
  return [...new Map(all.map((code) => [JSON.stringify(code), code])).values()];
}

/**
 * @param {string} id
 * @returns {SavedPlaylist}
 */
function absent(id) {
  return { id, state: "absent", bundle: null, next: null, done: 0, total: 0, saved_at: null };
}
