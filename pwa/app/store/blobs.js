/** Evidence files by their hash, as ArrayBuffers: WebKit loses Blobs that lie in IndexedDB. */

import { db, dbIfAny } from "./db.js";
import { learnerId } from "./device.js";
import { changed } from "./live.js";

/**
 * @param {ArrayBuffer} bytes
 * @returns {Promise<string>} hex SHA-256
 */
export async function sha256(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {string} hash
 * @param {string} [learner] the one at work when not given
 * @returns {Promise<StoredBlob | undefined>}
 */
export async function storedBlob(hash, learner) {
  const whose = learner ?? (await learnerId());
  return whose ? (await dbIfAny())?.get("blobs", [whose, hash]) : undefined;
}

/**
 * How far a file is on its way. Kept beside the file: it changes with every piece, and the file is large.
 * @typedef {object} Sending
 * @property {number} sent bytes that the server has
 * @property {boolean} [whole] it has them all
 * @property {string} [why] it does not take the file, and why: a code of sync/README.md
 * @property {number} [aside_until] ms; not tried again before
 */

/** @param {string} learner @param {string} hash */
const sendingName = (learner, hash) => `sending ${hash}@${learner}`;

/**
 * @param {string} learner
 * @param {string} hash
 * @returns {Promise<Sending>}
 */
export async function sendingOf(learner, hash) {
  const row = await (await dbIfAny())?.get("settings", sendingName(learner, hash));
  return row?.value ?? { sent: 0 };
}

/**
 * @param {string} learner
 * @param {string} hash
 * @param {Sending} value
 */
export async function putSending(learner, hash, value) {
  await (await db()).put("settings", { name: sendingName(learner, hash), value });
  changed("blobs");
}

/** Try again now what the server did not take. */
export async function retryRefused() {
  const tx = (await db()).transaction("settings", "readwrite");
  for (const row of await tx.store.getAll(IDBKeyRange.bound("sending ", "sending \uffff"))) {
    if (row.value.aside_until) await tx.store.put({ ...row, value: { ...row.value, aside_until: undefined } });
  }
  await tx.done;
}
