/** What a learner does with a badge on this phone. */

import { changeOwnSetting } from "../store/settings.js";
import { record } from "./record.js";

/**
 * Choose who may see a badge.
 * @param {{award: string, visibility: "public" | "link" | "private"}} choice
 * @returns {Promise<OutboxItem>}
 */
export function showAward({ award, visibility }) {
  return record("award.show", { award, visibility });
}

/**
 * Remember that a badge was celebrated, so that it is only once.
 * @param {string} award
 */
export function celebrated(award) {
  return changeOwnSetting("celebrated", (before = []) => (before.includes(award) ? undefined : [...before, award]));
}
