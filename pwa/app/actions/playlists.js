/** Tells the server that a playlist was saved or removed, so that its rules of that day can judge the work. */

import { record } from "./record.js";

/**
 * @param {{playlist: string, version: string}} saved version: of the bundle
 * @returns {Promise<OutboxItem>}
 */
export function recordSaved({ playlist, version }) {
  return record("playlist.save", { playlist, version });
}

/**
 * @param {{playlist: string, version: string}} forgotten
 * @returns {Promise<OutboxItem>}
 */
export function recordForgotten({ playlist, version }) {
  return record("playlist.forget", { playlist, version });
}
