/** Whose pass was shown last: on a phone of several, the door's answer is theirs, whoever is at work. */

import { device } from "../store/device.js";
import { putSetting, setting } from "../store/settings.js";

/** An answer comes while people stand at the door. */
const SHOWN_MS = 15 * 60_000;

/** @param {string} learner */
export const rememberShown = (learner) => putSetting("pass_shown", { learner, at: Date.now() });

/**
 * @returns {Promise<import("../store/device.js").Turn | undefined>} for what is recorded as theirs; undefined: nobody's
 *   pass was shown lately
 */
export async function passHolder() {
  const { learner = "", at = 0 } = (await setting("pass_shown")) ?? {};
  const isRecent = Math.abs(Date.now() - at) < SHOWN_MS;
  return isRecent && (await device(learner)) ? { learner } : undefined;
}
