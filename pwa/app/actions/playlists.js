/** Tells the server that a playlist was saved or removed, so that its rules of that day can judge the work. */

import { record } from "./record.js";
import { isBetweenTurns } from "./whose-turn.js";

// Between two turns it is the device that keeps a playlist, and nobody is asked or made up for it.

/**
 * @param {{playlist: string, version: string}} saved version: of the bundle
 * @returns {Promise<OutboxItem | null>}
 */
export async function recordSaved({ playlist, version }) {
  return (await isBetweenTurns()) ? null : record("playlist.save", { playlist, version });
}

/**
 * @param {{playlist: string, version: string}} forgotten
 * @returns {Promise<OutboxItem | null>}
 */
export async function recordForgotten({ playlist, version }) {
  return (await isBetweenTurns()) ? null : record("playlist.forget", { playlist, version });
}
