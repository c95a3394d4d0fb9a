/** What a scanned or typed code leads to: a check-in kept on this phone, or a clear word why not. */

import { savedCodes, savedSession } from "../store/bundles.js";
import { serverNow } from "../store/clock.js";
import { atWork } from "../store/device.js";
import { setting } from "../store/settings.js";
import { checkIn, earlierCheckIn } from "./check-in.js";
import { findStop, hostOf, parseCode, placeOf, verifyProof } from "./codes.js";
import { joinAddress, parseInvitation } from "./invitations.js";
import { passHolder } from "./pass-holder.js";
import { record } from "./record.js";

/**
 * @typedef {import("./codes.js").Code} Code
 * @typedef {{title: string, url: string | null, session?: Session}} Stop url: null when only the server can tell
 *   which page it is · session: when the code is of one that is saved here
 * @typedef {{is: "checked-in", again: boolean, stop: Stop, at: number, kind?: Code["kind"]}} CheckedIn
 * @typedef {{is: "doubtful", finding: "wrong" | "early" | "closed", window: CodeCommitment["window"], stop: Stop, kind: Code["kind"]}} Doubtful
 * @typedef {{is: "foreign", host: string | null}} Foreign
 * @typedef {import("./check-in.js").Shown & {place?: PlaceWord | null}} Scanned
 * @typedef {{is: "where", asked: Place, group: boolean}} Where first say whether you are there: ask, and come again with `place`
 * @typedef {{is: "who", code: Scanned, stop: Stop}} Who this phone checks in a group: nothing is kept yet, see group.js
 * @typedef {{is: "claimed", stop: Stop, at: number}} Claimed a badge was asked for; `stop` is its page
 * @typedef {CheckedIn | Claimed | Doubtful | Where | Who | Foreign | {is: "newer"} | {is: "malformed"} | {is: "pass"} | {is: "invitation", url: string}} Outcome invitation: from another phone of the same learner
 */

/**
 * anyway: also when this phone thinks that the code does not count · place: what the phone says of the code's place
 * @typedef {{anyway?: boolean, place?: PlaceWord}} How
 */

/**
 * Check in by the text of a QR code.
 * @param {string} text
 * @param {How & {hosts: string[]}} options
 * @returns {Promise<Outcome>}
 */
export async function scan(text, { hosts, anyway = false, place }) {
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
  const shown = { point: code.point, proof: code.proof, activity: found?.activity ?? null };
  const group = kind !== "receipt" && (await isGroup());
  const earlier = group ? null : await earlierCheckIn(begun.learner, shown);
  if (earlier) return { is: "checked-in", again: true, stop, at: earlier.at, kind };

  const doubt = anyway ? null : await doubtIn(code);
  if (doubt) return { is: "doubtful", ...doubt, stop, kind };
  const asked = place ? null : await placeOf(await savedCodes(), code);
  if (asked) return { is: "where", asked, group };
  if (group) return { is: "who", code: { ...shown, place }, stop };
  const item = await checkIn({ ...shown, place, begun });
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
 * @param {How} [how]
 * @returns {Promise<CheckedIn | Claimed | Where | Who | {is: "unknown"}>} unknown: the server says that no stop has it
 */
export async function checkInTyped(typed, { place } = {}) {
  const [begun, group] = [await atWork(), await isGroup()];
  const earlier = group ? null : await earlierCheckIn(begun.learner, { typed });
  // No signal, or too little of it: kept now, and looked up when it is sent.
  const found = await Promise.race([findStop({ typed }).catch(() => undefined), patience()]);
  if (found === null) return { is: "unknown" };
  const stop = { title: found?.title ?? "", url: found?.url ?? null };
  if (earlier) return { is: "checked-in", again: true, stop, at: earlier.at };
  if (found?.achievement && !group) return claimTyped(typed, stop, begun);
  if (found?.place && !place) return { is: "where", asked: found.place, group };
  if (group) return { is: "who", code: { typed, activity: found?.activity ?? null, place }, stop };
  const item = await checkIn({ typed, activity: found?.activity, place, begun });
  return { is: "checked-in", again: false, stop, at: item.at };
}

/**
 * @param {string} typed
 * @param {Stop} stop
 * @param {import("../store/device.js").Turn} begun
 * @returns {Promise<Claimed>}
 */
async function claimTyped(typed, stop, begun) {
  const { at } = await record("badge.claim", { typed }, { begun });
  return { is: "claimed", stop, at };
}

/**
 * Check in on the page that a code opened. The person cannot scan better there and then, so it is kept in any case.
 * @param {Code} code
 * @param {{activity: string | null, title?: string, codes?: CodeCommitment[], place?: PlaceWord}} how codes: those of the page that ask for a place
 * @returns {Promise<Where | Who | {is: "here", again: boolean, at: number, item: OutboxItem | null, learner: string}>}
 *   item: null when it is only known from the server · learner: at work when it came
 */
export async function arrive(code, { activity, title = "", codes = [], place }) {
  const [begun, { learner }] = [await whoScans(code), await atWork()];
  const shown = { point: code.point, proof: code.proof, activity };
  const group = code.kind !== "receipt" && (await isGroup());
  const earlier = group ? null : await earlierCheckIn(begun.learner, shown);
  if (earlier) return { is: "here", again: true, ...earlier, learner };
  const asked = place ? null : await placeOf([...codes, ...(await savedCodes())], code);
  if (asked) return { is: "where", asked, group };
  if (group) return { is: "who", code: { ...shown, place }, stop: { title, url: null } };
  const item = await checkIn({ ...shown, place, begun });
  return { is: "here", again: false, at: item.at, item, learner: learner || item.learner };
}

/** One scan on this phone is for all who are there; see group.js. @returns {Promise<boolean>} */
async function isGroup() {
  return Boolean((await setting("group"))?.on);
}

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
