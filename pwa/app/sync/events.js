/** Records events: builds the envelope, signs it, and stores it with all that belongs to it in one transaction. */

import { sha256 } from "../store/blobs.js";
import { db } from "../store/db.js";
import { addDevice, device } from "../store/device.js";
import { newId } from "../store/ids.js";
import { changed } from "../store/live.js";
import { toBase64url, utf8 } from "./bytes.js";
import { makeKeys, publicJwk, sign } from "./keys.js";

/** This page's or worker's life: monotonic times compare only within it. */
const BOOT = newId();

/**
 * Versions of bodies that are not the first; see sync/README.md.
 * @type {Partial<Record<EventType, number>>}
 */
const VERSIONS = { "evidence.submit": 2 };

/**
 * @typedef {object} Belongings
 * @property {{bytes: ArrayBuffer, mime: string}[]} [blobs] files stored with the event
 * @property {string[]} [needs] ids of events that this one builds on
 * @property {Finding | null} [local] what this phone made of it
 * @property {string} [draft] the task whose draft it makes superfluous
 */

/** @type {Promise<unknown>} */
let queue = Promise.resolve();

/**
 * Record an event. When this resolves it is on the disk, and not before.
 * @param {EventType} type
 * @param {Record<string, any>} body
 * @param {Belongings} [belongings]
 * @returns {Promise<OutboxItem>}
 */
export function recordEvent(type, body, belongings = {}) {
  // One at a time within a page; against other tabs `append` checks again inside its transaction.
  const mine = queue.then(() => recordNow(type, body, belongings));
  queue = mine.catch(() => {});
  return mine;
}

/**
 * @param {EventType} type
 * @param {Record<string, any>} body
 * @param {Belongings} belongings
 */
async function recordNow(type, body, { blobs = [], needs = [], local = null, draft }) {
  const stored = await Promise.all(
    blobs.map(async ({ bytes, mime }) => ({
      sha256: await sha256(bytes),
      size: bytes.byteLength,
      mime,
      bytes,
    })),
  );
  const { learner, seq, keys } = (await device()) ?? (await beginDevice());
  if (seq === 0)
    await append(learner, "device.hello", await hello(keys), { stored: [], needs: [], local: null });
  const item = await append(learner, type, body, { stored, needs, local, draft });
  changed(
    "outbox",
    ...(stored.length ? /** @type {StoreName[]} */ (["blobs"]) : []),
    ...(draft ? /** @type {StoreName[]} */ (["drafts"]) : []),
  );
  return /** @type {OutboxItem} */ (item);
}

async function beginDevice() {
  const made = { learner: newId(), device: newId(), keys: await makeKeys(), created_at: Date.now() };
  return addDevice({ ...made, seq: 0, prev: "", epoch: null, anchor: null });
}

/** @param {CryptoKeyPair} keys */
async function hello(keys) {
  return {
    key: await publicJwk(keys),
    agent: agent(),
    languages: [...(globalThis.navigator?.languages ?? [])].slice(0, 8),
  };
}

/** Enough to tell one's own devices apart, not enough to recognise a person. */
function agent() {
  const text = globalThis.navigator?.userAgent ?? "";
  const browser = /(Firefox|Edg|OPR|SamsungBrowser|Chrome|Safari)\//.exec(text)?.[1] ?? "Browser";
  const system = /(Android|iPhone|iPad|Windows|Mac OS X|CrOS|Linux)/.exec(text)?.[1];
  return system ? `${browser}, ${system}` : browser;
}

/**
 * Put one event at the end of the chain. Signing is slow and would end an IndexedDB transaction, so it happens
 * before; if another tab was faster in between, begin again with the new end.
 * @param {string} learner
 * @param {EventType} type
 * @param {Record<string, any>} body
 * @param {{stored: (BlobRef & {bytes: ArrayBuffer})[], needs: string[], local: Finding | null, draft?: string}} belongings
 * @returns {Promise<OutboxItem | null>} null when another tab has said hello meanwhile
 */
async function append(learner, type, body, { stored, needs, local, draft }) {
  const refs = stored.map(({ sha256, size, mime }) => ({ sha256, size, mime }));
  for (;;) {
    const end = /** @type {DeviceRow} */ (await device(learner));
    if (type === "device.hello" && end.seq > 0) return null;
    const item = { ...(await signed(end, { type, body, blobs: refs, needs })), local };
    const prev = toBase64url(await crypto.subtle.digest("SHA-256", utf8(item.p)));
    const tx = (await db()).transaction(["device", "outbox", "blobs", "drafts"], "readwrite", {
      durability: "strict",
    });
    const now = /** @type {DeviceRow} */ (await tx.objectStore("device").get(learner));
    const free = now.seq === end.seq;
    const writes = free ? writeAll(tx, item, { now, prev, stored, draft }) : [];
    // Together: a write that fails (the disk is full) rejects as well as its transaction.
    await Promise.all([...writes, tx.done]);
    if (free) return item;
  }
}

/**
 * @param {import("idb").IDBPTransaction<import("../store/db.js").Schema, ("device" | "outbox" | "blobs" | "drafts")[], "readwrite">} tx
 * @param {OutboxItem} item
 * @param {{now: DeviceRow, prev: string, stored: (BlobRef & {bytes: ArrayBuffer})[], draft?: string}} rest
 * @returns {Promise<unknown>[]}
 */
function writeAll(tx, item, { now, prev, stored, draft }) {
  const { learner, at } = item;
  return [
    tx.objectStore("device").put({ ...now, seq: item.seq, prev }),
    tx.objectStore("outbox").add(item),
    ...stored.map((blob) => tx.objectStore("blobs").put({ ...blob, learner, state: "saved", sent: 0, at })),
    ...(draft ? [tx.objectStore("drafts").delete([learner, draft]), tx.objectStore("drafts").delete(["", draft])] : []),
  ];
}

/**
 * @param {DeviceRow} end
 * @param {Pick<Envelope, "type" | "body" | "blobs" | "needs">} content
 * @returns {Promise<OutboxItem>}
 */
async function signed(end, content) {
  const { type, body, blobs, needs } = content;
  const wall = Date.now();
  /** @type {Envelope} */
  const envelope = {
    v: 1,
    id: newId(wall),
    learner: end.learner,
    device: end.device,
    seq: end.seq + 1,
    prev: end.prev,
    type,
    tv: VERSIONS[type] ?? 1,
    at: {
      wall,
      mono: performance.now(),
      boot: BOOT,
      tz: -new Date(wall).getTimezoneOffset(),
      anchor: end.anchor?.id ?? null,
    },
    body,
    blobs,
    needs,
  };
  const bytes = utf8(JSON.stringify(envelope));
  return {
    ...{
      id: envelope.id,
      learner: end.learner,
      device: end.device,
      seq: envelope.seq,
      type,
      at: wall,
      body,
      blobs,
    },
    ...{ p: toBase64url(bytes), s: await sign(end.keys, bytes) },
    ...{ state: "saved", why: null, effect: null, appeal: false, tries: 0, replay: false, dismissed: false },
    ...{ decided_at: null, aside_until: null, local: null },
  };
}
