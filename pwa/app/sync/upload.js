/** Uploads the evidence files that the server asks for, small ones first, in pieces as large as the line bears. */

import { putSending, sendingOf, storedBlob } from "../store/blobs.js";
import { putSetting, setting } from "../store/settings.js";
import { blobOffset, Offline, patchBlob, putBlob, Rejected } from "./api.js";

const LEAST = 1 << 16;
const MOST = 1 << 20;
const FIRST = 1 << 18;
/** A request is given up after that; a piece that took longer than half of CALM_MS is as large as this line bears. */
const REQUEST_MS = 20_000;
const CALM_MS = 10_000;
/** No piece is begun that has less time than this before the cycle's end. */
const SHORT_MS = 2_000;
/** How often one file may begin again in a cycle: another phone sends it too, or it was damaged on its way. */
const HEALS = 5;
const AGAIN_MS = 3_600_000;
/** What will not change by sending once more in a minute. */
const REFUSED = new Set([413, 415, 422, 507]);

/**
 * @typedef {StoredBlob & {from: number}} Sent from: bytes that the server is known to have
 */

/**
 * @param {string[]} wanted hashes
 * @param {import("./api.js").Signer} signer
 * @param {number} until ms; begin nothing after it
 * @returns {Promise<number>} how many are now there
 */
export async function uploadWanted(wanted, signer, until) {
  let there = 0;
  for (const hash of await smallFirst(wanted, signer.learner)) {
    const blob = await storedBlob(hash, signer.learner);
    if (blob && Date.now() < until && (await upload(blob, signer, until))) there++;
  }
  return there;
}

/**
 * Those that can be sent now, by what is left of them. One file at a time is in memory.
 * @param {string[]} wanted
 * @param {string} learner
 */
async function smallFirst(wanted, learner) {
  const left = [];
  for (const hash of wanted) {
    const { sent, whole, aside_until } = await sendingOf(learner, hash);
    const size = (await storedBlob(hash, learner))?.size;
    if (size && (aside_until ?? 0) <= Date.now()) left.push({ hash, bytes: whole ? size : size - sent });
  }
  return left.sort((a, b) => a.bytes - b.bytes).map(({ hash }) => hash);
}

/**
 * @param {StoredBlob} blob
 * @param {import("./api.js").Signer} signer
 * @param {number} until
 * @returns {Promise<boolean>} true when the server has it whole
 */
async function upload(blob, signer, until) {
  const { learner } = signer;
  const { sent, whole } = await sendingOf(learner, blob.sha256);
  try {
    if (!(await send(blob, whole ? 0 : sent, signer, until))) return false;
  } catch (error) {
    // One refused file must not keep the others waiting; its event stays on hold, and the file says why.
    if (!(error instanceof Rejected)) throw error;
    const why = error.problem.code ?? `http_${error.status}`;
    const refused = REFUSED.has(error.status) && { why, aside_until: Date.now() + AGAIN_MS };
    await putSending(learner, blob.sha256, { sent: 0, ...refused });
    return false;
  }
  await putSending(learner, blob.sha256, { sent: blob.size, whole: true });
  return true;
}

/**
 * @param {StoredBlob} blob
 * @param {number} sent what the server is known to have
 * @param {import("./api.js").Signer} signer
 * @param {number} until
 */
async function send(blob, sent, signer, until) {
  const piece = await pieceSize();
  if (!sent && blob.size <= piece && (await timed(piece, until, (ms) => putBlob(blob, signer, ms))) !== null) return true;
  if (!sent && blob.size <= LEAST) return false; // it was tried whole, and cannot be cut
  return sendPieces(blob, signer, until);
}

/**
 * Go on where the server says. When all is there and it has not said that it is whole, an empty piece finishes it.
 * @param {StoredBlob} blob
 * @param {import("./api.js").Signer} signer
 * @param {number} until
 */
async function sendPieces(blob, signer, until) {
  let offset = await blobOffset(blob, signer);
  for (let heals = 0; ; ) {
    await putSending(signer.learner, blob.sha256, { sent: offset });
    if (until - Date.now() < SHORT_MS) return false;
    try {
      const from = offset;
      const length = Math.min(await pieceSize(), blob.size - from);
      const next = await timed(length, until, (ms) => patchBlob(blob, from, length, signer, ms));
      if (next === null) continue; // it took too long: a smaller one
      offset = next;
      if (offset >= blob.size) return true;
    } catch (error) {
      const place = heals++ < HEALS ? placeToGoOn(error) : null;
      if (place === null) throw error;
      offset = place;
    }
  }
}

/**
 * Where an upload goes on that the server has further, less far, or damaged.
 * @param {unknown} error
 * @returns {number | null} null when it is about something else
 */
function placeToGoOn(error) {
  if (!(error instanceof Rejected)) return null;
  if (error.problem.code === "wrong_offset") return Number(/** @type {any} */ (error.problem).offset ?? 0);
  return error.problem.code === "hash_mismatch" ? 0 : null;
}

/**
 * Send one piece and learn from how long it took: half as large after one that did not get through in time, twice
 * as large after one that was quick.
 * @template T
 * @param {number} bytes
 * @param {number} until
 * @param {(ms: number) => Promise<T>} call with the time it may take
 * @returns {Promise<T | null>} null when it took too long, and a smaller piece may do
 */
async function timed(bytes, until, call) {
  const begun = Date.now();
  const ms = Math.max(SHORT_MS, Math.min(REQUEST_MS, until - begun));
  const size = await pieceSize();
  try {
    const answer = await call(ms);
    if (bytes >= size && Date.now() - begun < CALM_MS / 2) await putPieceSize(size * 2);
    return answer;
  } catch (error) {
    const slow = error instanceof Offline && Date.now() - begun >= ms;
    if (!slow) throw error;
    await putPieceSize(Math.min(size, bytes) / 2);
    if (size <= LEAST) throw error; // not even the smallest gets through: this is no line at all
    return null;
  }
}

/** How large a piece may be: learnt, and kept for the next page. */
async function pieceSize() {
  return (await setting("piece")) ?? FIRST;
}

/** @param {number} size */
async function putPieceSize(size) {
  const next = Math.min(MOST, Math.max(LEAST, 2 ** Math.ceil(Math.log2(size))));
  if (next !== (await pieceSize())) await putSetting("piece", next);
}
