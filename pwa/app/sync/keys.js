/** The device's key: P-256, made here, never able to leave; IndexedDB keeps the handle. */

import { toBase64url } from "./bytes.js";

const KIND = { name: "ECDSA", namedCurve: "P-256" };

/** @returns {Promise<CryptoKeyPair>} */
export function makeKeys() {
  return crypto.subtle.generateKey(KIND, false, ["sign", "verify"]);
}

/**
 * @param {CryptoKeyPair} keys
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<string>} base64url of raw r ‖ s
 */
export async function sign(keys, bytes) {
  return toBase64url(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, keys.privateKey, bytes));
}

/**
 * The public half, as the server registers it.
 * @param {CryptoKeyPair} keys
 */
export async function publicJwk(keys) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", keys.publicKey);
  return { kty, crv, x, y };
}
