/** What this phone remembers of a badge. */

import { changeOwnSetting } from "../store/settings.js";

/**
 * Remember that a badge was celebrated, so that it is only once.
 * @param {string} award
 */
export function celebrated(award) {
  return changeOwnSetting("celebrated", (before = []) => (before.includes(award) ? undefined : [...before, award]));
}
