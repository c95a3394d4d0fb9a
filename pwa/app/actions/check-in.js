/** Says "I was here" by a scanned or typed code, and knows whether one has said so before. */

import { savedCodes } from "../store/bundles.js";
import { feedRowOf } from "../store/feed.js";
import { itemsOf } from "../store/outbox.js";
import { takenBack } from "../store/progress.js";
import { verifyProof } from "./codes.js";
import { record } from "./record.js";

/**
 * proof: the whole fragment, kind character included
 * @typedef {{point?: string | null, proof?: string | null, typed?: string | null, activity?: string | null}} Shown
 */

/**
 * @param {Shown & {place?: PlaceWord | null, begun?: import("../store/device.js").Turn}} code
 *   begun: the turn in which it was scanned, or another learner of this phone · place: of a code that asks for it
 * @returns {Promise<OutboxItem>} its `local` says what this phone makes of the code
 */
export async function checkIn({ point = null, proof = null, typed = null, activity = null, place, begun }) {
  const codes = await savedCodes();
  const known = activity ?? codes.find((code) => code.point === point)?.activity ?? null;
  const local = point ? await verifyProof(codes, point, proof, Date.now()) : "unknown";
  const body = { point, proof, typed, activity: known, ...(place && { place }) };
  return record("checkin.scan", body, { local, begun });
}

/**
 * When a learner was counted by this very code before; or, for a code with no window, at this stop. A window means a
 * new session, so another code of it is worth another check-in. What was taken back does not count.
 * @param {string} learner empty: nobody yet
 * @param {Shown} code
 * @returns {Promise<{at: number, item: OutboxItem | null} | null>} item: null when it is only known from the server
 */
export async function earlierCheckIn(learner, { point, proof, typed, activity }) {
  if (!learner) return null;
  const all = await itemsOf(learner);
  const gone = takenBack(all);
  const holds = (/** @type {OutboxItem} */ item) => item.state !== "declined" && !item.replaced && !gone.has(item.id);
  const scans = all.filter((item) => item.type === "checkin.scan" && holds(item));
  const same = scans.find(({ body }) => (typed ? body.typed === typed : body.point === point && body.proof === proof));
  if (same) return { at: same.at, item: same };
  const level = proof ? Number(proof[0]) : 0;
  if (typed || level > 1 || !activity) return null;
  const row = (await feedRowOf(learner, `checkin:${activity}`))?.row;
  return row && row.level >= level && !gone.has(row.event) ? { at: Date.parse(row.at), item: null } : null;
}
