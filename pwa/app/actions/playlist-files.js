/** The files of saved playlists: which each needs, which they share, and which nobody needs any more. */

import { savedPlaylists } from "../store/bundles.js";
import { forgetFilesExcept } from "../store/kept-files.js";

/** @typedef {{url: string, sha256: string, size: number, mime: string}} KeptFile */

/**
 * @param {Bundle} bundle
 * @returns {KeptFile[]} each content once
 */
export function filesOf({ pages, media }) {
  const all = [...pages.map((page) => ({ ...page, mime: "text/html; charset=utf-8" })), ...media];
  return [...new Map(all.map((file) => [file.sha256, file])).values()];
}

/** @param {{size: number}[]} files */
export function total(files) {
  return files.reduce((sum, { size }) => sum + size, 0);
}

/**
 * All files that a playlist needs, for now and for its next version, each content once.
 * @param {SavedPlaylist} row
 * @returns {KeptFile[]}
 */
export function filesOfRow({ bundle, next }) {
  const all = [bundle, next].flatMap((one) => (one ? filesOf(one) : []));
  return [...new Map(all.map((file) => [file.sha256, file])).values()];
}

/**
 * How much room it would make to remove some playlists: what others share stays.
 * @param {SavedPlaylist[]} rows all that are saved
 * @param {Set<string>} ids those to remove
 * @returns {number} bytes
 */
export function freedBy(rows, ids) {
  const staying = new Set(rows.filter(({ id }) => !ids.has(id)).flatMap((row) => filesOfRow(row).map((f) => f.sha256)));
  const going = rows.filter(({ id }) => ids.has(id)).flatMap(filesOfRow);
  const unique = new Map(going.map((file) => [file.sha256, file]));
  return total([...unique.values()].filter((file) => !staying.has(file.sha256)));
}

/** Remove the files that no saved playlist needs, neither for now nor for its next version. */
export async function sweep() {
  const needed = (await savedPlaylists()).flatMap(filesOfRow);
  await forgetFilesExcept(new Set(needed.map((file) => file.sha256)));
}
