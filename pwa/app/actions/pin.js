/** PINs: enough to keep others who use this device out of the way. Never kept as they are, and no lock against experts. */

import { isAhead } from "../store/moments.js";
import { fromBase64url, toBase64url, utf8 } from "../sync/bytes.js";

const ROUNDS = 210_000;

/** Tries that cost nothing; after them each wrong one doubles the wait. */
const FREE_TRIES = 5;
const WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 3600_000;

/** @param {string} pin */
export const isPin = (pin) => /^\d{4,6}$/.test(pin);

/**
 * @param {string} pin 4 to 6 digits
 * @returns {Promise<NonNullable<Person["pin"]>>}
 */
export async function hidePin(pin) {
  const salt = toBase64url(crypto.getRandomValues(new Uint8Array(16)));
  return { salt, rounds: ROUNDS, hash: await stretch(pin, salt, ROUNDS) };
}

/**
 * @param {string} pin
 * @param {NonNullable<Person["pin"]>} hidden
 */
export async function fitsPin(pin, { salt, hash, rounds }) {
  return (await stretch(pin, salt, rounds)) === hash;
}

/** Must another PIN wait? @param {Person} person @param {number} now ms */
export const mustWait = ({ wait_until }, now) => isAhead(wait_until, now, LONGEST_WAIT_MS);

/**
 * The person after a wrong PIN.
 * @param {Person} person
 * @param {number} now ms
 * @returns {Person}
 */
export function afterWrongPin(person, now) {
  const wrong = (person.wrong ?? 0) + 1;
  const wait = wrong < FREE_TRIES ? 0 : Math.min(LONGEST_WAIT_MS, WAIT_MS * 2 ** (wrong - FREE_TRIES));
  return { ...person, wrong, wait_until: now + wait };
}

/**
 * @param {string} pin
 * @param {string} salt base64url
 * @param {number} rounds
 */
async function stretch(pin, salt, rounds) {
  const key = await crypto.subtle.importKey("raw", utf8(pin), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: fromBase64url(salt), iterations: rounds };
  return toBase64url(await crypto.subtle.deriveBits(how, key, 256));
}
