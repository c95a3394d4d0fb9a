/** Uploads the evidence files that the server asks for: small ones whole, large ones in pieces that survive a break. */

import { blobSent, storedBlob } from "../store/blobs.js";
import { blobOffset, patchBlob, putBlob, Rejected } from "./api.js";

const WHOLE = 1 << 20;
const PIECE = 1 << 19;

/**
 * @param {string[]} wanted hashes
 * @param {import("./api.js").Signer} signer
 * @param {number} until ms; stop when it is past
 * @returns {Promise<number>} how many are now there
 */
export async function uploadWanted(wanted, signer, until) {
  let there = 0;
  for (const hash of wanted) {
    const blob = await storedBlob(hash, signer.learner);
    if (blob && Date.now() < until && (await upload(blob, signer, until))) there++;
  }
  return there;
}

/**
 * @param {StoredBlob} blob
 * @param {import("./api.js").Signer} signer
 * @param {number} until
 * @returns {Promise<boolean>} true when the server has it whole
 */
async function upload(blob, signer, until) {
  try {
    if (blob.size <= WHOLE) await putBlob(blob, signer);
    else if (!(await uploadInPieces(blob, signer, until))) return false;
  } catch (error) {
    // One refused file must not keep the others waiting; its event stays on hold and says why.
    if (error instanceof Rejected) return false;
    throw error;
  }
  await blobSent(signer.learner, blob.sha256, blob.size);
  return true;
}

/**
 * @param {StoredBlob} blob
 * @param {import("./api.js").Signer} signer
 * @param {number} until
 */
async function uploadInPieces(blob, signer, until) {
  let offset = await blobOffset(blob, signer);
  while (offset < blob.size && Date.now() < until) {
    offset = await patchBlob(blob, offset, PIECE, signer);
    await blobSent(signer.learner, blob.sha256, offset);
  }
  return offset >= blob.size;
}
