/** The one way by which a tap becomes work: stored in a transaction first, sent afterwards. */

import { whose } from "../store/device.js";
import { recordEvent } from "../sync/events.js";
import { requestSync, wakeWorkerLater } from "../sync/triggers.js";
import { whoIsIt } from "./whose-turn.js";

/**
 * Record an event and ask for it to be sent. Resolves when it is safe on this device; sending goes on alone.
 * @param {EventType} type
 * @param {Record<string, any>} body
 * @param {import("../sync/events.js").Belongings} [belongings]
 * @returns {Promise<OutboxItem>}
 */
export async function record(type, body, belongings = {}) {
  const begun = (await whose(belongings.begun)) ? belongings.begun : await whoIsIt();
  const item = await recordEvent(type, body, { ...belongings, begun });
  void requestSync();
  void wakeWorkerLater();
  void globalThis.navigator?.storage?.persist?.();
  return item;
}
