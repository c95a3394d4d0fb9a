/** The address by which one phone lets another in: all that counts stands behind the "#", which no server gets. */

import { language } from "../i18n.js";

const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const FRAGMENT = new RegExp(`^#1\\.(${UUID})\\.([A-Za-z0-9_-]{43})$`);

/** @typedef {{learner: string, secret: string}} Invitation */

/** @param {Invitation} invitation @returns {string} path and fragment */
export const joinAddress = ({ learner, secret }) => `/${language()}/join#1.${learner}.${secret}`;

/**
 * @param {string} fragment with its "#"
 * @returns {Invitation | null} null when it is none, or not whole
 */
export function readInvitation(fragment) {
  const [, learner, secret] = FRAGMENT.exec(fragment) ?? [];
  return learner ? { learner, secret } : null;
}

/**
 * @param {string} text of a QR code
 * @param {string[]} ownHosts
 * @returns {Invitation | null}
 */
export function parseInvitation(text, ownHosts) {
  const [, host, fragment] = /^https?:\/\/([^/]+)\/[A-Za-z-]+\/join\/?(#.*)$/.exec(text.trim()) ?? [];
  return host && ownHosts.includes(host) ? readInvitation(fragment) : null;
}
