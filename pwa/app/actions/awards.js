/** What a learner does with a badge on this phone. */

import { changeOwnSetting } from "../store/settings.js";
import { record } from "./record.js";

/**
 * Choose who may see a badge, and those pieces of its evidence that are named.
 * @param {{award: string, visibility: Visibility, evidence?: {event: string, visibility: Visibility}[]}} choice
 * @returns {Promise<OutboxItem>}
 */
export function showAward({ award, visibility, evidence = [] }) {
  return record("award.show", { award, visibility, evidence });
}

/**
 * Remember that a badge was celebrated, so that it is only once.
 * @param {string} award
 */
export function celebrated(award) {
  return changeOwnSetting("celebrated", (before = []) => (before.includes(award) ? undefined : [...before, award]));
}
