/** When we may ask the server again: its own word (Retry-After) counts for all learners, and back-off after failures. */

import { isAhead } from "../store/moments.js";
import { putSetting, setting } from "../store/settings.js";

const LONGEST_PAUSE_MS = 3_600_000;
const LONGEST_BACK_OFF_MS = 300_000;

/** Fruitless cycles in a row, and until when a timer should wait. @type {Map<string, {failures: number, until: number}>} */
const fruitless = new Map();

/** Of a server that was not reached; a learner's own failures are counted under their id. */
export const SERVER = "server";

/**
 * Until when the server asked us to wait, ms.
 * @returns {Promise<number>}
 */
export async function pausedUntil() {
  const until = (await setting("pause_until")) ?? 0;
  return isAhead(until, Date.now(), LONGEST_PAUSE_MS) ? until : 0;
}

/**
 * The server asked for patience.
 * @param {number} ms
 * @returns {Promise<number>} until when
 */
export async function pause(ms) {
  const until = Date.now() + Math.min(ms, LONGEST_PAUSE_MS);
  await putSetting("pause_until", until);
  return until;
}

/**
 * Count a failure. Full jitter: phones that lost the network together must not come back together.
 * @param {string} whose SERVER or a learner's id
 */
export function backOff(whose) {
  const failures = (fruitless.get(whose)?.failures ?? 0) + 1;
  const most = Math.min(LONGEST_BACK_OFF_MS, 2_000 * 2 ** failures);
  fruitless.set(whose, { failures, until: Date.now() + 500 + Math.random() * most });
}

/** @param {string} whose */
export function goOn(whose) {
  fruitless.delete(whose);
}

/**
 * Until when a timer should wait, ms; people don't. A moment too far away is from before the clock was set back.
 * @param {string} learner
 */
export function patientUntil(learner) {
  const until = Math.max(fruitless.get(SERVER)?.until ?? 0, fruitless.get(learner)?.until ?? 0);
  return until > Date.now() + 2 * LONGEST_BACK_OFF_MS ? 0 : until;
}
