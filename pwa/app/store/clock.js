/** What time it is at the server, as far as this phone knows: its own clock may be minutes off, with no network to tell. */

import { device } from "./device.js";
import { putSetting, setting } from "./settings.js";

/** An answer that was longer on its way says too little about its moment. */
const LONGEST_MS = 10_000;
/** Less than this is not worth a write. */
const WORTH_MS = 500;

/**
 * Learn from an answer of the server how far the phone's clock is off.
 * @param {number | undefined} now the server's, ms
 * @param {number} asked when we asked, ms
 * @param {number} heard when the answer came, ms
 */
export async function compareClock(now, asked, heard) {
  if (!now || heard < asked || heard - asked > LONGEST_MS) return;
  const ahead = Math.round(now - (asked + heard) / 2);
  if (Math.abs(ahead - (await serverAhead())) > WORTH_MS) await putSetting("server_ahead", ahead);
}

/**
 * By how much the server's clock is ahead of this phone's.
 * @returns {Promise<number>} ms; 0 before the first answer
 */
export async function serverAhead() {
  return (await setting("server_ahead")) ?? 0;
}

/**
 * The server's time. It is never earlier than what its last anchor proves, though the phone was set back since.
 * @param {string} [learner] whose anchor: the one at work when not given
 * @returns {Promise<number>} ms
 */
export async function serverNow(learner) {
  const [ahead, row] = await Promise.all([serverAhead(), device(learner)]);
  return Math.max(Date.now() + ahead, Number(row?.anchor?.at ?? 0));
}
