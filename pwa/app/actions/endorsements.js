/** What a learner does about the words of others on their badges: ask somebody for some, and show them or not. */

import { toBase64url, utf8 } from "../sync/bytes.js";
import { record } from "./record.js";

/**
 * Ask somebody to say something about a badge. Only a hash of the secret is sent; the address is for that person.
 * @param {string} award
 * @param {string} label for whom; only the learner sees it
 * @returns {Promise<string>} the address to send them, to be had only now
 */
export async function askForWords(award, label) {
  const secret = toBase64url(crypto.getRandomValues(new Uint8Array(32)));
  const digest = toBase64url(await crypto.subtle.digest("SHA-256", utf8(secret)));
  await record("endorsement.invite", { award, digest, label });
  return `${location.origin}/endorse/${secret}`;
}

/** @param {string} digest */
export const askNoMore = (digest) => record("endorsement.uninvite", { digest });

/**
 * @param {string} endorsement
 * @param {boolean} shown
 */
export const showWords = (endorsement, shown) => record("endorsement.show", { endorsement, shown });
