/** What the server says about the learner: the current row of each key, and how far we have read. */

import { dbIfAny } from "./db.js";
import { learnerId } from "./device.js";

/** @param {string} learner */
export const feedOf = (learner) => `learner:${learner}`;

/**
 * All rows of a learner.
 * @param {string} [whose] the one at work when not given
 * @returns {Promise<FeedRow[]>}
 */
export async function feed(whose) {
  const [database, learner] = [await dbIfAny(), whose ?? (await learnerId())];
  return database && learner ? database.getAllFromIndex("feed", "feed", feedOf(learner)) : [];
}

/**
 * @param {string} key such as `award:…`
 * @returns {Promise<FeedRow | undefined>}
 */
export async function feedRow(key) {
  const learner = await learnerId();
  return learner ? feedRowOf(learner, key) : undefined;
}

/**
 * @param {string} learner
 * @param {string} key
 * @returns {Promise<FeedRow | undefined>}
 */
export async function feedRowOf(learner, key) {
  return (await dbIfAny())?.get("feed", [feedOf(learner), key]);
}

/**
 * The learner's badges, newest first.
 * @returns {Promise<AwardRow[]>}
 */
export async function awards() {
  /** @type {AwardRow[]} */
  const rows = (await feed()).filter(({ key }) => key.startsWith("award:")).map(({ row }) => row);
  return rows.sort((a, b) => (a.awarded_at < b.awarded_at ? 1 : -1));
}

/**
 * Where to read on, per feed.
 * @param {string} learner
 * @returns {Promise<Record<string, number>>}
 */
export async function cursors(learner) {
  const name = feedOf(learner);
  const row = await (await dbIfAny())?.get("cursors", name);
  return { [name]: row?.next ?? 0 };
}
