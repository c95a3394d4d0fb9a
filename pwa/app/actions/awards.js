/** What a learner does with a badge on this phone. */

import { ownSetting, putOwnSetting } from "../store/settings.js";
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
export async function celebrated(award) {
  const before = (await ownSetting("celebrated")) ?? [];
  if (!before.includes(award)) await putOwnSetting("celebrated", [...before, award]);
}
