/** Syncs everybody who has worked on this device, one cycle each, and then what it carries for others. */

import "../load/ground.js";
import { carries } from "../store/carried.js";
import { learnerId, learnersHere } from "../store/device.js";
import { isAhead } from "../store/moments.js";
import { isUnsent, itemsOf } from "../store/outbox.js";
import { setting } from "../store/settings.js";
import { isFreeSoon } from "./alone.js";
import { nextPullAt, syncOnce } from "./client.js";
import { pausedUntil } from "./patience.js";

/** Of those who are not at work, and of whom nothing waits: how often we look for news. */
const OTHERS_EVERY_MS = 6 * 3600 * 1000;

/**
 * One after the other, so that somebody else logged in on the same tablet strands nobody's work. Each cycle is signed
 * by that learner's own device and sends that learner's events alone.
 * @param {{patient?: boolean}} [how] patient: a timer asks, see client.js
 * @returns {Promise<import("./client.js").Outcome>} of the learner at work; with nobody at work, of the last
 */
export async function syncAll({ patient = false } = {}) {
  const atWork = await learnerId();
  /** @type {import("./client.js").Outcome} */
  let mine = "nothing";
  for (const learner of await learnersHere()) {
    if (!(await isDue(learner, { isAtWork: learner === atWork, patient }))) continue;
    let outcome = await syncOnce({ learner, patient });
    if (outcome === "busy" && (await isFreeSoon(`sync:${learner}`))) outcome = await syncOnce({ learner, patient });
    if (learner === atWork || !atWork) mine = outcome;
    if (await stopsAll(outcome, patient)) return mine === "nothing" ? outcome : mine;
  }
  if (!(await carries())) return mine;
  const { relayOnce } = await import("./relay.js"); // few carry anything
  const outcome = await relayOnce({ patient });
  return mine === "nothing" ? outcome : mine;
}

/**
 * @param {string} learner
 * @param {{isAtWork: boolean, patient: boolean}} how
 */
async function isDue(learner, { isAtWork, patient }) {
  if (isAtWork && !patient) return true;
  if ((await itemsOf(learner)).some(mustGo)) return true;
  if (isAtWork) return Date.now() > nextPullAt(learner);
  return !isAhead(((await setting(`synced_at@${learner}`)) ?? 0) + OTHERS_EVERY_MS, Date.now(), OTHERS_EVERY_MS);
}

/** @param {OutboxItem} item */
const mustGo = (item) =>
  item.replay || (isUnsent(item) && !item.replaced) || (item.state === "received" && item.why === "blob_missing");

/**
 * Where one did not reach the server, or was asked to wait, the others would fare alike. A timer's own patience is a
 * matter of one learner.
 * @param {import("./client.js").Outcome} outcome
 * @param {boolean} patient
 */
async function stopsAll(outcome, patient) {
  return outcome === "offline" || (outcome === "wait" && (!patient || (await pausedUntil()) > Date.now()));
}
