/** Asks for the badge that a code gives, and knows how far that is. */

import { awards } from "../store/feed.js";
import { outbox } from "../store/outbox.js";
import { record } from "./record.js";

/** @typedef {{point: string, proof: string | null}} ClaimCode */

/**
 * Ask for the badge of a claim code. It is the learner's once the server has said so.
 * @param {ClaimCode} code
 * @returns {Promise<OutboxItem>}
 */
export function claim({ point, proof }) {
  return record("badge.claim", { point, proof });
}

/**
 * What is known here of the learner's badge: that they have it, or how far their asking is. A code that was scanned
 * with no signal was kept as a check-in; the server gives its badge all the same.
 * @param {string} achievement
 * @param {string} point
 * @param {string | null} proof null: whatever was asked at that point
 * @returns {Promise<{award: AwardRow | undefined, asked: OutboxItem | undefined}>}
 */
export async function claimStanding(achievement, point, proof) {
  const [rows, items] = await Promise.all([awards(), outbox()]);
  const isMine = (/** @type {OutboxItem} */ { type, body }) =>
    (type === "badge.claim" || type === "checkin.scan") && body.point === point && (!proof || body.proof === proof);
  return { award: rows.find((row) => row.achievement === achievement && !row.revoked_at), asked: items.find(isMine) };
}
