/** The one way by which a tap becomes work: stored in a transaction first, sent afterwards. */

import { atWork, whose } from "../store/device.js";
import { recordEvent } from "../sync/events.js";
import { requestSync } from "../sync/triggers.js";
import { whoIsIt } from "./whose-turn.js";
import { afterRecord, makeRoomFor } from "./reserve.js";

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
  const item = await recordInRoom(type, body, { ...belongings, begun });
  void requestSync();
  void afterRecord().catch((error) => console.warn(error));
  return item;
}

/** @type {typeof recordEvent} */
async function recordInRoom(type, body, belongings) {
  try {
    return await recordEvent(type, body, belongings);
  } catch (error) {
    if (!isFull(error)) throw error;
    await makeRoomFor(belongings?.blobs ?? []);
    return recordEvent(type, body, belongings);
  }
}

/** @param {unknown} error */
const isFull = (error) => /** @type {any} */ (error)?.name === "QuotaExceededError";
