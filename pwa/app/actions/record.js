/** The one way by which a tap becomes work: stored in a transaction first, sent afterwards. */

import { atWork, whose } from "../store/device.js";
import { recordEvent } from "../sync/events.js";
import { requestSync } from "../sync/triggers.js";
import { whoIsIt } from "./whose-turn.js";
import { afterRecord, inRoom } from "./reserve.js";

/**
 * Record an event and ask for it to be sent. Resolves when it is safe on this device; sending goes on alone.
 * @param {EventType} type
 * @param {Record<string, any>} body
 * @param {import("../sync/events.js").Belongings} [belongings]
 * @returns {Promise<OutboxItem>}
 * @throws when it could not be kept: the phone is full, or keeps nothing
 */
export async function record(type, body, belongings = {}) {
  const now = belongings.begun ?? (await atWork());
  const begun = (await whose(now)) ? now : ((await whoIsIt()) ?? now);
  const item = await inRoom(belongings.blobs ?? [], () => recordEvent(type, body, { ...belongings, begun }));
  void requestSync();
  void afterRecord().catch((error) => console.warn(error));
  return item;
}
