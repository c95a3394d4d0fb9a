/** Rotating codes, as a door's screen makes them from the key of a day: what is scanned, and what is typed. */

import { ALPHABET, checkCharacter, STEP_MS } from "./codes.js";
import { utf8 } from "../sync/bytes.js";

export { readStep, STEP_MS } from "./codes.js";

/** For so long a screen shows the same typed form. */
export const BLOCK_MS = 120_000;

/** @param {number} at ms */
export const stepAt = (at) => Math.floor(at / STEP_MS);

/** @param {number} at ms */
export const blockAt = (at) => Math.floor(at / BLOCK_MS);

/**
 * The UTC date whose key makes a step's code (or, with BLOCK_MS, a block's typed form).
 * @param {number} number a step or a block
 * @param {number} [length] ms
 * @returns {string} such as 2026-11-26
 */
export const dayOf = (number, length = STEP_MS) => new Date(number * length).toISOString().slice(0, 10);

/**
 * @param {Uint8Array<ArrayBuffer>} key of the step's day, 32 bytes
 * @param {string} point
 * @param {number} step
 * @returns {Promise<string>} the fragment, 20 characters
 */
export async function writeRotating(key, point, step) {
  const mac = await shortMac(key, `streetwise3${point}${step}`);
  return `3${writeNumber(BigInt(step), 6)}${writeNumber(mac, 13)}`;
}

/**
 * @param {Uint8Array<ArrayBuffer>} key of the block's day, 32 bytes
 * @param {{point: string, hint: string}} at hint: the first two characters of all typed forms of the point
 * @param {number} block
 * @returns {Promise<string>} 8 characters
 */
export async function writeTyped(key, { point, hint }, block) {
  const mac = await shortMac(key, `streetwise3t${point}${block}`);
  const body = hint + writeNumber(mac % 31n ** 5n, 5, 31n);
  return body + checkCharacter(body);
}

/**
 * @param {Uint8Array<ArrayBuffer>} key
 * @param {string} text
 * @returns {Promise<bigint>} the first 64 bits of an HMAC
 */
async function shortMac(key, text) {
  const handle = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new DataView(await crypto.subtle.sign("HMAC", handle, utf8(text))).getBigUint64(0);
}

/**
 * @param {bigint} value
 * @param {number} length
 * @param {bigint} [base]
 */
function writeNumber(value, length, base = 32n) {
  let written = "";
  for (let rest = value; written.length < length; rest /= base)
    written = ALPHABET[Number(rest % base)] + written;
  return written;
}
