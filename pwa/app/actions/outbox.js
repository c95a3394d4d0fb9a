/** What a learner does with the outbox: take something back, put a refusal away, send now. */

import { retryRefused } from "../store/blobs.js";
import { changeItems, outbox } from "../store/outbox.js";
import { requestSync } from "../sync/triggers.js";
import { record } from "./record.js";

/**
 * Take something back. It was recorded and stays so; this is an event of its own.
 * @param {string} event
 * @returns {Promise<OutboxItem>}
 */
export function withdraw(event) {
  return record("event.withdraw", { event });
}

/**
 * Put away an item that was declined.
 * @param {string} event
 */
export function dismiss(event) {
  return changeItems([event], (item) => (item.state === "declined" ? { ...item, dismissed: true } : null));
}

/**
 * Send what waits, now, also what was set aside.
 * @returns {Promise<import("../sync/client.js").Outcome>}
 */
export async function sendNow() {
  await retryRefused();
  const aside = (await outbox()).filter((item) => item.aside_until !== null).map((item) => item.id);
  if (aside.length) await changeItems(aside, (item) => ({ ...item, aside_until: null }));
  return requestSync();
}
