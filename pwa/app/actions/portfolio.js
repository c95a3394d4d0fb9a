/** What a learner does with their badges: arrange, collect, say more, share by links that end, and show a portfolio. */

import { newId } from "../store/ids.js";
import { changeOwnSetting } from "../store/settings.js";
import { toBase64url, utf8 } from "../sync/bytes.js";
import { record } from "./record.js";

export const DAY_MS = 24 * 3600 * 1000;

/**
 * Choose who may see a badge, and those pieces of its evidence that are named.
 * @param {{award: string, visibility: Visibility, evidence?: {event: string, visibility: Visibility}[]}} choice
 * @returns {Promise<OutboxItem>}
 */
export function showAward({ award, visibility, evidence = [] }) {
  return record("award.show", { award, visibility, evidence });
}

/** @param {{order: string[], pinned: string[], hidden: string[]}} arrangement */
export const arrangeBadges = (arrangement) => record("badges.arrange", arrangement);

/**
 * Say something to a badge later; an empty text takes it away.
 * @param {string} award
 * @param {string} text
 */
export const reflect = (award, text) => record("award.reflect", { award, text });

/** Forget a badge for good, here and on the server. @param {string} award */
export const eraseAward = (award) => record("award.erase", { award });

/** Keep a collection as it is now, new or changed. @param {CollectionRow} collection */
export const keepCollection = ({ id, name, awards }) => record("collection.keep", { collection: id, name, awards });

/** @param {string} collection */
export const dropCollection = (collection) => record("collection.drop", { collection });

/** @param {string} name */
export const newCollection = (name) => ({ id: newId(), name, awards: /** @type {string[]} */ ([]) });

/**
 * Make a link with no network. Its secret stays on this phone, kept before anything is recorded; only the hash travels.
 * @param {{kind: LinkRow["kind"], subject: string | null, label: string, days: number | null, evidence: string[]}} wanted
 * @returns {Promise<string>} its id
 */
export async function makeLink({ kind, subject, label, days, evidence }) {
  const link = newId();
  const secret = toBase64url(crypto.getRandomValues(new Uint8Array(32)));
  const digest = toBase64url(await crypto.subtle.digest("SHA-256", utf8(secret)));
  const expires = days === null ? null : Date.now() + Math.round(days * DAY_MS);
  await changeOwnSetting("share_links", (before = {}) => ({ ...before, [link]: secret }));
  await record("link.make", { link, kind, subject, digest, label, expires, evidence });
  return link;
}

/** @param {string} link */
export const withdrawLink = (link) => record("link.withdraw", { link });

/**
 * @param {{visibility: Visibility, name: string, about: string, parts: Record<string, boolean>, cv: Record<string, string>}} said
 */
export const showPortfolio = (said) => record("portfolio.show", said);
