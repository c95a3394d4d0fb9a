/** Makes the rescue file: all that waits on this phone, signed, so that it may reach the server by any way. See sync/README.md. */

import { toBase64url, utf8 } from "../sync/bytes.js";

const WHOLE = 1 << 20;
const PIECE = 1 << 19;

/**
 * @param {import("./waiting.js").Waiting[]} waiting
 * @returns {Promise<{file: File, signed: boolean}>} signed: false when the key of a file's device could not be used
 */
export async function rescueFile(waiting) {
  let signed = true;
  const devices = [];
  for (const one of waiting) {
    const events = [one.hello, ...one.events].filter(Boolean).map(({ p, s }) => ({ p, s }));
    const blobs = [];
    for (const blob of one.blobs) {
      const signatures = blob.signatures ?? (await sign(one.keys, blob));
      signed &&= Object.keys(signatures).length > 0;
      const { sha256, size, mime } = blob;
      blobs.push({ sha256, size, mime, bytes: toBase64url(blob.bytes), signatures });
    }
    devices.push({ device: one.device, learner: one.learner, events, blobs });
  }
  const rescue = { streetwise: "rescue", v: 1, made_at: Date.now(), origin: location.origin, devices };
  const name = `streetwise-rescue-${new Date().toISOString().slice(0, 10)}.json`;
  return { file: new File([JSON.stringify(rescue)], name, { type: "application/json" }), signed };
}

/**
 * The signatures with which anybody may upload this file for its device.
 * @param {CryptoKeyPair | null} keys
 * @param {{sha256: string, size: number}} blob
 * @returns {Promise<Record<string, string>>} by method and offset; empty when the keys are of no use
 */
async function sign(keys, { sha256, size }) {
  /** @type {Record<string, string>} */
  const found = {};
  try {
    for (const [method, offset] of calls(size))
      found[`${method} ${offset}`] = await signature(keys, utf8(`${method} /api/blobs/${sha256} ${offset}`));
  } catch (error) {
    console.warn("not signed", error);
    return {};
  }
  return found;
}

/**
 * Who carries it asks first how far it is, and finishes with an empty piece what is whole but unfinished.
 * @param {number} size bytes
 * @returns {[string, number][]} the calls to be signed
 */
function calls(size) {
  return size <= WHOLE ? pieces(size) : [["HEAD", 0], ...pieces(size), ["PATCH", size]];
}

/**
 * @param {number} size bytes
 * @returns {[string, number][]} how it is uploaded: method and offset
 */
export function pieces(size) {
  if (size <= WHOLE) return [["PUT", 0]];
  return Array.from({ length: Math.ceil(size / PIECE) }, (_, n) => ["PATCH", n * PIECE]);
}

/**
 * @param {CryptoKeyPair | null} keys
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<string>}
 */
export async function signature(keys, bytes) {
  if (!keys) throw new Error("no key");
  return toBase64url(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, keys.privateKey, bytes));
}
