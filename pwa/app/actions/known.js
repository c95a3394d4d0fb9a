/** Remembers the names of what the learner works on, so that "my learning" can say them with no network. */

import { learnerId } from "../store/device.js";
import { changeOwnSetting } from "../store/settings.js";

/**
 * @typedef {{id: string, title: string, url: string, tasks: Record<string, string>, playlists: {id: string, title: string, url: string}[]}} KnownStop
 * @typedef {{playlist: {id: string, title: string, url: string, picture?: string | null}, activities: (ActivityRef & {tasks?: Task[]})[], rules: Rules}} KnownPlaylist
 */

/**
 * @param {ActivityRef & {playlists?: {id: string, title: string, url: string}[]}} activity
 * @param {Task[]} tasks
 */
export function rememberStop({ id, title, url, playlists = [] }, tasks) {
  const prompts = Object.fromEntries(tasks.map((task) => [task.id, task.prompt]));
  return remember("known_stops", id, { id, title, url, tasks: prompts, playlists });
}

/** @param {KnownPlaylist} known */
export function rememberPlaylist(known) {
  return remember("known_playlists", known.playlist.id, known);
}

/**
 * @param {"known_stops" | "known_playlists"} name
 * @param {string} id
 * @param {KnownStop | KnownPlaylist} what
 */
async function remember(name, id, what) {
  if (!(await learnerId())) return; // whoever has done nothing yet leaves no trace
  await changeOwnSetting(name, (before = {}) =>
    JSON.stringify(before[id]) === JSON.stringify(what) ? undefined : { ...before, [id]: what },
  );
}
