/** What a scanned or typed code leads to: a check-in kept on this phone, or a clear word why not. */

import { savedCodes } from "../store/bundles.js";
import { atWork } from "../store/device.js";
import { feedRow } from "../store/feed.js";
import { outbox } from "../store/outbox.js";
import { checkIn } from "./check-in.js";
import { findStop, parseCode, verifyProof } from "./codes.js";
import { joinAddress, parseInvitation } from "./invitations.js";

/**
 * @typedef {import("./codes.js").Code} Code
 * @typedef {{title: string, url: string | null}} Stop url: null when only the server can tell which page it is
 * @typedef {{is: "checked-in", again: boolean, stop: Stop, at: number}} CheckedIn
 * @typedef {{is: "doubtful", finding: "wrong" | "early" | "closed", window: CodeCommitment["window"], stop: Stop}} Doubtful
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
  const begun = await atWork();
  const invitation = parseInvitation(text, hosts);
  if (invitation) return { is: "invitation", url: joinAddress(invitation) };
  const code = parseCode(text, hosts);
  if ("pass" in code) return { is: "pass" };
  if ("reason" in code)
    return code.reason === "foreign" ? { is: "foreign", host: hostOf(text) } : { is: code.reason };
  const found = await findStop(code).catch(() => null);
  const stop = { title: found?.title ?? "", url: found?.url ?? `/s/${code.point}` };
  const earlier = await earlierCheckIn({ ...code, activity: found?.activity ?? null });
  if (earlier) return { is: "checked-in", again: true, stop, at: earlier.at };

  const doubt = anyway ? null : await doubtIn(code);
  if (doubt) return { is: "doubtful", ...doubt, stop };
  const item = await checkIn({ point: code.point, proof: code.proof, activity: found?.activity, begun });
  return { is: "checked-in", again: false, stop, at: item.at };
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
 * @returns {Promise<{again: boolean, at: number, item: OutboxItem | null, learner: string}>} item: null when it is only known from the server
 */
export async function arrive(code, activity) {
  const begun = await atWork();
  const earlier = await earlierCheckIn({ ...code, activity });
  if (earlier) return { again: true, ...earlier, learner: begun.learner };
  const item = await checkIn({ point: code.point, proof: code.proof, activity, begun });
  return { again: false, at: item.at, item, learner: item.learner };
}

/**
 * When this very code was counted before; or, for a code with no window, when this stop was. A window means a new
 * session, so another code of it is worth another check-in.
 * @param {{point: string, proof: string | null, activity: string | null}} code
 * @returns {Promise<{at: number, item: OutboxItem | null} | null>}
 */
async function earlierCheckIn({ point, proof, activity }) {
  const items = (await outbox()).filter((item) => item.type === "checkin.scan" && item.state !== "declined");
  const same = items.find((item) => item.body.point === point && item.body.proof === proof);
  if (same) return { at: same.at, item: same };
  const level = proof ? Number(proof[0]) : 0;
  if (level > 1 || !activity) return null;
  const row = (await feedRow(`checkin:${activity}`))?.row;
  return row && row.level >= level ? { at: Date.parse(row.at), item: null } : null;
}

/**
 * @param {Code} code
 * @returns {Promise<Pick<Doubtful, "finding" | "window"> | null>}
 */
async function doubtIn({ point, proof }) {
  const codes = await savedCodes();
  const finding = await verifyProof(codes, point, proof, Date.now());
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
