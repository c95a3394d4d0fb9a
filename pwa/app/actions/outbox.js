/** What a learner does with the outbox: take something back, put a refusal away, send now. */

import { retryRefused } from "../store/blobs.js";
import { changeItems, outbox, outboxItem } from "../store/outbox.js";
import { requestSync } from "../sync/triggers.js";
import { record } from "./record.js";

/**
 * Take something back. It was recorded and stays so; this is an event of its own.
 * @param {string} event
 * @returns {Promise<OutboxItem>}
 */
export async function withdraw(event) {
  const item = await outboxItem(event);
  return record("event.withdraw", { event: item?.id ?? event }, item && { begun: { learner: item.learner } });
}

/**
 * Put away an item that was declined, or the news of a loss.
 * @param {string} event
 */
export function dismiss(event) {
  const closed = (/** @type {OutboxItem} */ item) => item.state === "declined" || item.type === "event.lost";
  return changeItems([event], (item) => (closed(item) ? { ...item, dismissed: true } : null));
}

/**
 * Send what waits, now, also what this phone had set aside. What the server put off keeps its time.
 * @returns {Promise<import("../sync/client.js").Outcome>}
 */
export async function sendNow() {
  await retryRefused();
  const aside = (await outbox()).filter((item) => item.state === "aside").map((item) => item.id);
  if (aside.length) await changeItems(aside, (item) => ({ ...item, aside_until: null }));
  return requestSync();
}
