/** What a scanned or typed code leads to: a check-in kept on this phone, or a clear word why not. */

import { savedCodes, savedSession } from "../store/bundles.js";
import { serverNow } from "../store/clock.js";
import { atWork } from "../store/device.js";
import { feed } from "../store/feed.js";
import { outbox } from "../store/outbox.js";
import { checkIn } from "./check-in.js";
import { findStop, parseCode, verifyProof } from "./codes.js";
import { joinAddress, parseInvitation } from "./invitations.js";
import { passHolder } from "./pass-holder.js";

/**
 * @typedef {import("./codes.js").Code} Code
 * @typedef {{title: string, url: string | null, session?: Session}} Stop url: null when only the server can tell
 *   which page it is · session: when the code is of one that is saved here
 * @typedef {{is: "checked-in", again: boolean, stop: Stop, at: number, kind?: Code["kind"]}} CheckedIn
 * @typedef {{is: "doubtful", finding: "wrong" | "early" | "closed", window: CodeCommitment["window"], stop: Stop, kind: Code["kind"]}} Doubtful
 * @typedef {{is: "foreign", host: string | null}} Foreign
 * @typedef {CheckedIn | Doubtful | Foreign | {is: "newer"} | {is: "malformed"} | {is: "pass"} | {is: "invitation", url: string}} Outcome invitation: from another phone of the same learner
 */

/**
 * Check in by the text of a QR code.
 * @param {string} text
 * @param {{hosts: string[], anyway?: boolean}} options anyway: also when this phone thinks that the code does not count
 * @returns {Promise<Outcome>}
 */
export async function scan(text, { hosts, anyway = false }) {
  const invitation = parseInvitation(text, hosts);
  if (invitation) return { is: "invitation", url: joinAddress(invitation) };
  const code = parseCode(text, hosts);
  if ("pass" in code) return { is: "pass" };
  if ("reason" in code)
    return code.reason === "foreign" ? { is: "foreign", host: hostOf(text) } : { is: code.reason };
  const begun = await whoScans(code);
  const { kind } = code;
  const [found, session] = [await findStop(code).catch(() => null), await savedSession(code.point)];
  const stop = { title: found?.title ?? "", url: found?.url ?? `/s/${code.point}`, ...(session && { session }) };
  const earlier = await earlierCheckIn({ ...code, activity: found?.activity ?? null }, begun);
  if (earlier) return { is: "checked-in", again: true, stop, at: earlier.at, kind };

  const doubt = anyway ? null : await doubtIn(code);
  if (doubt) return { is: "doubtful", ...doubt, stop, kind };
  const item = await checkIn({ point: code.point, proof: code.proof, activity: found?.activity, begun });
  return { is: "checked-in", again: false, stop, at: item.at, kind };
}

/**
 * Whoever is at work; but a door's answer is for the one whose pass it has read.
 * @param {Code} code
 */
async function whoScans({ kind }) {
  return (kind === "receipt" && (await passHolder())) || atWork();
}

/**
 * Check in by a typed code, already found well-formed.
 * @param {string} typed 8 characters
 * @returns {Promise<CheckedIn | {is: "unknown"}>} unknown: the server says that no stop has it
 */
export async function checkInTyped(typed) {
  const begun = await atWork();
  const earlier = (await outbox()).find((item) => item.body.typed === typed && item.state !== "declined");
  // No signal, or too little of it: kept now, and looked up when it is sent.
  const found = await Promise.race([findStop({ typed }).catch(() => undefined), patience()]);
  if (found === null) return { is: "unknown" };
  const stop = { title: found?.title ?? "", url: found?.url ?? null };
  if (earlier) return { is: "checked-in", again: true, stop, at: earlier.at };
  const item = await checkIn({ typed, activity: found?.activity, begun });
  return { is: "checked-in", again: false, stop, at: item.at };
}

/**
 * Check in on the page that a code opened. The person cannot scan better there and then, so it is kept in any case.
 * @param {Code} code
 * @param {string | null} activity
 * @returns {Promise<{again: boolean, at: number, item: OutboxItem | null, learner: string}>} item: null when it is only
 *   known from the server · learner: at work when it came
 */
export async function arrive(code, activity) {
  const [begun, { learner }] = [await whoScans(code), await atWork()];
  const earlier = await earlierCheckIn({ ...code, activity }, begun);
  if (earlier) return { again: true, ...earlier, learner };
  const item = await checkIn({ point: code.point, proof: code.proof, activity, begun });
  return { again: false, at: item.at, item, learner: learner || item.learner };
}

/**
 * When this very code was counted before; or, for a code with no window, when this stop was; or, at a session, when a
 * code as sure as this one was. Elsewhere a window means another time, so another code is worth another check-in.
 * @param {{point: string, proof: string | null, activity: string | null}} code
 * @param {import("../store/device.js").Turn} who
 * @returns {Promise<{at: number, item: OutboxItem | null} | null>}
 */
async function earlierCheckIn({ point, proof, activity }, { learner }) {
  const items = (await outbox(learner)).filter(({ type, state }) => type === "checkin.scan" && state !== "declined");
  const [level, session] = [levelOf(proof), (await savedSession(point))?.id];
  const same = items.find(({ body, effect }) => {
    const atSession = Boolean(session ?? effect?.occurrence) && levelOf(body.proof) >= level;
    return body.point === point && (body.proof === proof || atSession);
  });
  if (same) return { at: same.at, item: same };
  const rows = (await feed(learner)).filter(({ key, row }) => isCheckInAt(key, activity) && row.level >= level);
  const row = rows.find((one) => (session ? one.row.occurrence === session : level <= 1))?.row;
  return row ? { at: Date.parse(row.at), item: null } : null;
}

/** @param {string} key @param {string | null} activity */
const isCheckInAt = (key, activity) => key === `checkin:${activity}` || key.startsWith(`checkin:${activity}:`);

/** How sure a proof is: a door's answer is a person's word. @param {string | null} proof */
const levelOf = (proof) => Math.min(Number(proof?.[0] ?? 0), 4);

/**
 * @param {Code} code
 * @returns {Promise<Pick<Doubtful, "finding" | "window"> | null>}
 */
async function doubtIn({ point, proof }) {
  const codes = await savedCodes();
  const finding = await verifyProof(codes, point, proof, await serverNow());
  if (finding !== "wrong" && finding !== "early" && finding !== "closed") return null;
  return { finding, window: codes.find((code) => code.point === point && code.window)?.window ?? null };
}

/** @returns {Promise<undefined>} when a person at a stop has waited long enough */
function patience() {
  return new Promise((resolve) => setTimeout(resolve, 4000));
}

/** @param {string} text */
function hostOf(text) {
  try {
    return new URL(text.trim()).host || null;
  } catch {
    return null;
  }
}
