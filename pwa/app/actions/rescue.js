/**
 * The rescue file: all that waits on a phone which cannot get online, to be carried by another one. The events prove
 * themselves, and their files come with signatures made beforehand, so who carries them can add or change nothing.
 */

import "../load/ground.js";
import { carried } from "../store/carried.js";
import { db, dbIfAny } from "../store/db.js";
import { device, learnersHere } from "../store/device.js";
import { isOnlyHere, isWork, itemsOf } from "../store/outbox.js";
import { PIECE, WHOLE } from "../store/relay.js";
import { toBase64url, utf8 } from "../sync/bytes.js";
import { sign } from "../sync/keys.js";

/** Bytes turned into text at once; a multiple of 3, so that the pieces join. */
const CHUNK = 3 * 32_768;

/**
 * @typedef {{device: string, learner: string, events: {p: string, s: string}[], files: (() => Promise<CarriedFile | null>)[]}} Part
 * @typedef {BlobRef & {bytes: ArrayBuffer, signatures: Record<string, string>}} CarriedFile
 */

/**
 * Everything unsent of everybody on this phone, and what it carries for others. The file is put together piece by
 * piece, so that only one photo at a time lies in memory.
 * @param {number} [now] ms
 * @returns {Promise<{file: File, things: number, people: number} | null>} null when nothing waits
 */
export async function exportRescue(now = Date.now()) {
  const own = await Promise.all((await learnersHere()).map(ownPart));
  const parts = [...own, ...(await carriedParts())].filter((part) => part !== null);
  if (!parts.length) return null;
  const head = { streetwise: "rescue", v: 1, made_at: now, origin: location.origin };
  /** @type {BlobPart[]} */
  const text = [`${JSON.stringify(head).slice(0, -1)},"devices":[`];
  for (const [place, { part }] of parts.entries()) {
    if (place) text.push(",");
    await write(part, text);
  }
  text.push("]}");
  const name = `streetwise-rescue-${new Date(now).toISOString().slice(0, 10)}.json`;
  return {
    file: new File(text, name, { type: "application/json" }),
    things: parts.reduce((sum, { things }) => sum + things, 0),
    people: new Set(parts.map(({ part }) => part.learner)).size,
  };
}

/**
 * @param {string} learner
 * @returns {Promise<{part: Part, things: number} | null>}
 */
async function ownPart(learner) {
  const row = await device(learner);
  const items = (await itemsOf(learner)).sort((a, b) => a.seq - b.seq);
  const waiting = items.filter(isOnlyHere);
  if (!row || !waiting.some(({ type }) => type !== "device.hello")) return null;
  const hello = items.find(({ type }) => type === "device.hello");
  const events = [...new Set([...(hello ? [hello] : []), ...waiting])].map(({ p, s }) => ({ p, s }));
  const hashes = new Set(waiting.flatMap(({ blobs }) => blobs.map(({ sha256 }) => sha256)));
  const files = [...hashes].map((hash) => () => ownFile(row, hash));
  return { part: { device: row.device, learner, events, files }, things: waiting.filter(isWork).length };
}

/**
 * @param {DeviceRow} row
 * @param {string} hash
 * @returns {Promise<CarriedFile | null>}
 */
async function ownFile({ learner, keys }, hash) {
  const blob = await (await db()).get("blobs", [learner, hash]);
  if (!blob) return null;
  /** @type {Record<string, string>} */
  const signatures = {};
  for (const call of callsFor(blob.size)) {
    const [method, offset] = call.split(" ");
    signatures[call] = await sign(keys, utf8(`${method} /api/blobs/${hash} ${offset}`));
  }
  const { sha256, size, mime, bytes } = blob;
  return { sha256, size, mime, bytes, signatures };
}

/**
 * The requests that bring a file of this size, each to be signed beforehand.
 * @param {number} size
 */
function callsFor(size) {
  if (size <= WHOLE) return ["PUT 0"];
  const pieces = Array.from({ length: Math.ceil(size / PIECE) }, (_, n) => `PATCH ${n * PIECE}`);
  return ["HEAD 0", ...pieces, `PATCH ${size}`]; // the last, empty, finishes an upload that broke off at its end
}

/** @returns {Promise<{part: Part, things: number}[]>} */
async function carriedParts() {
  const all = await carried();
  const waiting = all.filter(({ state }) => state === "carried");
  return [...new Set(waiting.map((item) => item.device))].map((whose) => {
    const theirs = waiting.filter((item) => item.device === whose);
    const hello = all.find((item) => item.device === whose && item.type === "device.hello");
    const events = [...new Set([...(hello ? [hello] : []), ...theirs])].map(({ p, s }) => ({ p, s }));
    const hashes = new Set(theirs.flatMap(({ blobs }) => blobs.map(({ sha256 }) => sha256)));
    const files = [...hashes].map((hash) => () => carriedFile(whose, hash));
    const part = { device: whose, learner: theirs[0].learner, events, files };
    return { part, things: theirs.filter(({ type }) => isWork({ type })).length };
  });
}

/**
 * @param {string} whose
 * @param {string} hash
 * @returns {Promise<CarriedFile | null>}
 */
async function carriedFile(whose, hash) {
  const blob = await (await dbIfAny())?.get("relay_blobs", [whose, hash]);
  if (!blob) return null;
  const { sha256, size, mime, bytes, signatures } = blob;
  return { sha256, size, mime, bytes, signatures };
}

/**
 * @param {Part} part
 * @param {BlobPart[]} text
 */
async function write({ files, ...rest }, text) {
  text.push(`${JSON.stringify(rest).slice(0, -1)},"blobs":[`);
  let comma = "";
  for (const read of files) {
    const found = await read();
    if (!found) continue;
    const { bytes, ...about } = found;
    // A Blob each: the browser may keep it on its disk, a string it must keep in memory.
    text.push(new Blob([comma, JSON.stringify(about).slice(0, -1), ',"bytes":"', ...chunks(bytes), '"}']));
    comma = ",";
  }
  text.push("]}");
}

/**
 * @param {ArrayBuffer} bytes
 * @returns {Generator<string>}
 */
function* chunks(bytes) {
  for (let at = 0; at < bytes.byteLength; at += CHUNK) yield toBase64url(bytes.slice(at, at + CHUNK));
}

/**
 * Open the phone's share sheet. Some browsers share no `.json`; the content is text all the same.
 * @param {File} file
 * @returns {Promise<"shared" | "cancelled" | "failed">}
 */
export async function shareRescue(file) {
  const shared = shareable(file);
  if (!shared) return "failed";
  try {
    await navigator.share({ files: [shared] });
    return "shared";
  } catch (error) {
    return error instanceof DOMException && error.name === "AbortError" ? "cancelled" : "failed";
  }
}

/**
 * The file in a form that this browser shares, or null when it shares none.
 * @param {File} file
 */
export function shareable(file) {
  const plain = new File([file], file.name.replace(/json$/, "txt"), { type: "text/plain" });
  return [file, plain].find((one) => navigator.canShare?.({ files: [one] })) ?? null;
}
