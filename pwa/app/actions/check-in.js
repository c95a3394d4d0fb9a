/** Says "I was here" by a scanned or typed code, and knows whether one has said so before. */

import { savedCodes, savedSession } from "../store/bundles.js";
import { serverNow } from "../store/clock.js";
import { feed } from "../store/feed.js";
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
  const local = point ? await verifyProof(codes, point, proof, await serverNow()) : "unknown";
  const body = { point, proof, typed, activity: known, ...(place && { place }) };
  return record("checkin.scan", body, { local, begun });
}

/**
 * When a learner was counted by this very code before; or, for a code with no window, at this stop; or, at a session, by
 * a code as sure as this one. Elsewhere a window means another time, so another code is worth another check-in. What was
 * taken back does not count.
 * @param {string} learner empty: nobody yet
 * @param {Shown} code
 * @returns {Promise<{at: number, item: OutboxItem | null} | null>} item: null when it is only known from the server
 */
export async function earlierCheckIn(learner, { point, proof = null, typed, activity }) {
  if (!learner) return null;
  const all = await itemsOf(learner);
  const gone = takenBack(all);
  const holds = (/** @type {OutboxItem} */ item) => item.state !== "declined" && !item.replaced && !gone.has(item.id);
  const scans = all.filter((item) => item.type === "checkin.scan" && holds(item));
  const [level, session] = [levelOf(proof), point && (await savedSession(point))?.id];
  const same = scans.find(({ body, effect }) => {
    if (typed) return body.typed === typed;
    const atSession = Boolean(session || effect?.occurrence) && levelOf(body.proof) >= level;
    return body.point === point && (body.proof === proof || atSession);
  });
  if (same) return { at: same.at, item: same };
  if (typed || !activity) return null;
  const rows = (await feed(learner)).filter(({ key, row }) => isCheckInAt(key, activity) && row.level >= level);
  const row = rows.find((one) => (session ? one.row.occurrence === session : level <= 1))?.row;
  return row && !gone.has(row.event) ? { at: Date.parse(row.at), item: null } : null;
}

/** @param {string} key @param {string} activity */
const isCheckInAt = (key, activity) => key === `checkin:${activity}` || key.startsWith(`checkin:${activity}:`);

/** How sure a proof is: a door's answer is a person's word. @param {string | null} proof */
const levelOf = (proof) => Math.min(Number(proof?.[0] ?? 0), 4);
