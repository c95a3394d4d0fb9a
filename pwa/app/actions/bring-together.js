/** Who learned on this phone and who is invited are one person: both go together, for good. */

import { feed } from "../store/feed.js";
import { isWaiting, itemsOf, outboxItem } from "../store/outbox.js";
import { beginTurn } from "../store/people.js";
import { learnerId } from "../store/device.js";
import { record } from "./record.js";
import { askAgain } from "./second-phone.js";

/** @typedef {import("./invitations.js").Invitation} Invitation */

/**
 * What would come together, of a learner on this phone.
 * @param {string} learner
 * @returns {Promise<{badges: number, checkIns: number, waiting: number}>}
 */
export async function whatIsHere(learner) {
  const keys = (await feed(learner)).map(({ key }) => key);
  const count = (/** @type {string} */ kind) => keys.filter((key) => key.startsWith(kind)).length;
  return { badges: count("award:"), checkIns: count("checkin:"), waiting: (await itemsOf(learner)).filter(isWaiting).length };
}

/**
 * Say that a learner on this phone is the invited one.
 * @param {Invitation} invitation
 * @param {string} mine
 * @returns {Promise<string>} the event
 */
export async function bringTogether({ learner, secret }, mine) {
  const { id } = await record("learner.merge", { into: learner, invite: secret }, { learner: mine });
  await askAgain(mine);
  return id;
}

/**
 * How far it is. The server says who the learner is by now in the same answer, and sync has put all in that name.
 * @param {string} event
 * @returns {Promise<{state: "waiting" | "together" | "declined", why: string | null, learner: string}>}
 */
export async function together(event) {
  const item = await outboxItem(event);
  const state = item?.state === "declined" ? "declined" : item?.state === "accepted" && item.learner === item.body.into ? "together" : "waiting";
  return { state, why: item?.why ?? null, learner: item?.learner ?? "" };
}

/** Whoever scanned the code comes to work. @param {string} learner */
export async function comeToWork(learner) {
  if ((await learnerId()) !== learner) await beginTurn(learner);
}
