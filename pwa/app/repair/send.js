/** Sends what waits from the repair page. It writes nothing down: the app sends again and is told that it counted once. */

import { utf8 } from "../sync/bytes.js";
import { pieces, signature } from "./rescue-file.js";

const MOST_EVENTS = 50;
const MOST_BYTES = 200 * 1024;
const PIECE = 1 << 19;

/** The server says no. */
export class Refused extends Error {
  name = "Refused";
}

/**
 * @param {import("./waiting.js").Waiting[]} waiting
 * @returns {Promise<Set<string>>} ids of events that the server has now
 * @throws {Refused}
 * @throws {TypeError} when it is not reached
 */
export async function sendAll(waiting) {
  /** @type {Set<string>} */
  const arrived = new Set();
  for (const one of waiting.filter(({ keys }) => keys)) await sendOne(one, arrived);
  return arrived;
}

/**
 * @param {import("./waiting.js").Waiting} one
 * @param {Set<string>} arrived
 */
async function sendOne(one, arrived) {
  const queue = [one.hello, ...one.events].filter(Boolean);
  const own = new Set(one.events.map(({ id }) => id));
  while (queue.length) {
    const batch = queue.splice(0, fitting(queue));
    const reply = await post(one, batch);
    for (const { id, durable } of reply.results) if (durable && own.has(id)) arrived.add(id);
    for (const blob of one.blobs) if (reply.want_blobs?.includes(blob.sha256)) await upload(one, blob);
  }
}

/** @param {any[]} queue */
function fitting(queue) {
  let size = 0;
  const most = queue.slice(0, MOST_EVENTS).findIndex(({ p, s }) => (size += p.length + s.length + 16) > MOST_BYTES);
  return most === -1 ? MOST_EVENTS : Math.max(1, most);
}

/**
 * @param {import("./waiting.js").Waiting} one
 * @param {any[]} batch
 */
async function post({ device, learner, epoch, keys }, batch) {
  const events = batch.map(({ p, s }) => ({ p, s }));
  const body = utf8(JSON.stringify({ device, learner, epoch, events, cursors: {}, limit: 1 }));
  const headers = { "Content-Type": "application/json", "Sync-Proto": "1", "Sync-Signature": await signature(keys, body) };
  return (await call("/api/sync", { method: "POST", headers, body })).json();
}

/**
 * @param {import("./waiting.js").Waiting} one
 * @param {import("./waiting.js").Waiting["blobs"][number]} blob
 */
async function upload({ device, keys }, blob) {
  const path = `/api/blobs/${blob.sha256}`;
  for (const [method, offset] of pieces(blob.size)) {
    const body = method === "PUT" ? blob.bytes : blob.bytes.slice(offset, offset + PIECE);
    const headers = {
      ...{ "Content-Type": blob.mime, "Sync-Proto": "1", "Sync-Device": device },
      ...{ "Sync-Signature": await signature(keys, utf8(`${method} ${path} ${offset}`)) },
      ...(method === "PATCH" && { "Upload-Offset": `${offset}`, "Upload-Length": `${blob.size}` }),
    };
    await call(path, { method, headers, body });
  }
}

/**
 * @param {string} path
 * @param {RequestInit} init
 */
async function call(path, init) {
  const reply = await fetch(path, { ...init, redirect: "error" });
  if (!reply.headers.has("Sync-Proto")) throw new TypeError("another server answered");
  if (!reply.ok) throw new Refused(`HTTP ${reply.status}`);
  return reply;
}
