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
 * How many bytes of a file has the server.
 * @param {string} learner
 * @param {string} hash
 * @param {number} sent
 */
export async function blobSent(learner, hash, sent) {
  const tx = (await db()).transaction("blobs", "readwrite");
  const row = await tx.store.get([learner, hash]);
  if (row) await tx.store.put({ ...row, sent, state: sent >= row.size ? "sent" : "sending" });
  await tx.done;
  changed("blobs");
}
