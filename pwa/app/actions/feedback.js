/** Says how an activity was. */

import { record } from "./record.js";

/**
 * @param {{activity: string, stars: number, text?: string | null}} feedback stars: 1 to 5
 * @returns {Promise<OutboxItem>}
 */
export function giveFeedback({ activity, stars, text = null }) {
  return record("feedback.give", { activity, stars, text });
}
