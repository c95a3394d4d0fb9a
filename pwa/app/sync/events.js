/** Records events: builds the envelope, signs it, and stores it with all that belongs to it in one transaction. */

import { sha256 } from "../store/blobs.js";
import { db } from "../store/db.js";
import { addDevice, atWork, device, whose } from "../store/device.js";
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
 * @property {import("../store/device.js").Turn} [begun] the turn in which the person began it: it is theirs, whoever is at work when it is written
 * @property {string} [learner] whose it is: the one at work when not given
 * @property {OutboxItem["lost"]} [lost] between which moments the things were done that it declares lost
 * @property {boolean} [seen] true when the learner need not see it
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
async function recordNow(type, body, { blobs = [], needs = [], local = null, draft, begun, learner: given, lost, seen }) {
  const stored = await Promise.all(
    blobs.map(async ({ bytes, mime }) => ({
      sha256: await sha256(bytes),
      size: bytes.byteLength,
      mime,
      bytes,
    })),
  );
  const { turn } = begun ?? (await atWork());
  const { learner } = await sayHello(given ?? (await whose(begun)), { turn });
  const extra = { local, ...(lost && { lost }), ...(seen && { dismissed: true }) };
  const item = await append(learner, type, body, { stored, needs, extra, draft });
  changed(
    "outbox",
    ...(stored.length ? /** @type {StoreName[]} */ (["blobs"]) : []),
    ...(draft ? /** @type {StoreName[]} */ (["drafts"]) : []),
  );
  return /** @type {OutboxItem} */ (item);
}

/**
 * Make this browser a device of a learner.
 * @param {string} learner empty: the one at work, or a new one
 * @param {{invite?: string}} by the secret with which another device of theirs lets this one in
 */
export function introduceAs(learner, by) {
  return inTurn(async () => void (await sayHello(learner || (await whose()), { by })));
}

/**
 * Introduce a learner's device once more, with a new secret: the one before let nobody in. What was recorded meanwhile
 * keeps its place in the chain; the new hello is sent before it.
 * @param {string} learner who has a device here
 * @param {{invite: string}} by
 */
export function introduceAgain(learner, by) {
  return inTurn(async () => {
    const { keys } = /** @type {DeviceRow} */ (await device(learner));
    await append(learner, "device.hello", { ...(await hello(keys)), ...by }, { stored: [], needs: [], extra: {}, again: true });
  });
}

/** @param {() => Promise<void>} work */
function inTurn(work) {
  const mine = queue.then(work);
  queue = mine.catch(() => {});
  return mine;
}

/**
 * The learner's device, whose chain begins with its hello.
 * @param {string} learner empty: a new one
 * @param {{by?: {invite?: string}, turn?: number}} how
 */
async function sayHello(learner, { by, turn }) {
  const row = (learner && (await device(learner))) || (await beginDevice(learner, turn));
  if (row.seq === 0)
    await append(row.learner, "device.hello", { ...(await hello(row.keys)), ...by }, { stored: [], needs: [], extra: {} });
  return row;
}

/** @param {string} learner @param {number} [turn] */
async function beginDevice(learner, turn) {
  const made = { learner: learner || newId(), device: newId(), keys: await makeKeys(), created_at: Date.now() };
  return addDevice({ ...made, seq: 0, prev: "", epoch: null, anchor: null }, { learner, turn });
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
export function agent() {
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
 * @param {{stored: (BlobRef & {bytes: ArrayBuffer})[], needs: string[], extra: Partial<OutboxItem>, draft?: string, again?: boolean}} belongings
 *   again: a hello though there is one
 * @returns {Promise<OutboxItem | null>} null when another tab has said hello meanwhile
 */
async function append(learner, type, body, { stored, needs, extra, draft, again }) {
  const refs = stored.map(({ sha256, size, mime }) => ({ sha256, size, mime }));
  for (;;) {
    const end = /** @type {DeviceRow} */ (await device(learner));
    if (type === "device.hello" && end.seq > 0 && !again) return null;
    const item = { ...(await signed(end, { type, body, blobs: refs, needs })), ...extra };
    const prev = await digest(item.p);
    const tx = (await db()).transaction(["device", "outbox", "blobs", "drafts"], "readwrite", {
      durability: "strict",
    });
    const now = /** @type {DeviceRow} */ (await tx.objectStore("device").get(learner));
    // Another end at the same place: the chain was put right meanwhile, see again.js.
    const free = now.seq === end.seq && now.prev === end.prev;
    await allOrNothing(tx, free ? writeAll(tx, item, { now, prev, stored, draft }) : []);
    if (free) return item;
  }
}

/**
 * A write that fails (the disk is full) rejects as well as its transaction, which knows best why; one that cannot even
 * be begun must take those before it along.
 * @param {{done: Promise<void>, abort: () => void}} tx
 * @param {Iterable<Promise<unknown>>} writes each begun when it is asked for
 */
async function allOrNothing(tx, writes) {
  /** @type {Promise<unknown>[]} */
  const begun = [tx.done];
  try {
    for (const one of writes) begun.push(one);
  } catch (error) {
    for (const one of begun) one.catch(() => {});
    tx.abort();
    throw error;
  }
  const failed = (await Promise.allSettled(begun)).find(({ status }) => status === "rejected");
  if (failed) throw /** @type {PromiseRejectedResult} */ (failed).reason;
}

/**
 * @param {import("idb").IDBPTransaction<import("../store/db.js").Schema, ("device" | "outbox" | "blobs" | "drafts")[], "readwrite">} tx
 * @param {OutboxItem} item
 * @param {{now: DeviceRow, prev: string, stored: (BlobRef & {bytes: ArrayBuffer})[], draft?: string}} rest
 * @returns {Generator<Promise<unknown>>}
 */
function* writeAll(tx, item, { now, prev, stored, draft }) {
  const { learner, at } = item;
  yield tx.objectStore("device").put({ ...now, seq: item.seq, prev });
  yield tx.objectStore("outbox").add(item);
  for (const blob of stored) yield tx.objectStore("blobs").put({ ...blob, learner, state: "saved", sent: 0, at });
  if (!draft) return;
  yield tx.objectStore("drafts").delete([learner, draft]);
  yield tx.objectStore("drafts").delete(["", draft]);
}

/**
 * What the next event of a chain says in `prev`.
 * @param {string} p
 */
export async function digest(p) {
  return toBase64url(await crypto.subtle.digest("SHA-256", utf8(p)));
}

/**
 * The clock as this page sees it.
 * @param {DeviceRow} end
 * @returns {Envelope["at"]}
 */
function clock({ anchor }) {
  const wall = Date.now();
  const tz = -new Date(wall).getTimezoneOffset();
  return { wall, mono: performance.now(), boot: BOOT, tz, anchor: anchor?.id ?? null };
}

/**
 * @param {DeviceRow} end
 * @param {Pick<Envelope, "type" | "body" | "blobs" | "needs"> & Partial<Pick<Envelope, "tv" | "at">>} content
 * @returns {Promise<OutboxItem>}
 */
export async function signed(end, content) {
  const { type, body, blobs, needs, tv = VERSIONS[type] ?? 1, at = clock(end) } = content;
  /** @type {Envelope} */
  const envelope = {
    v: 1,
    id: newId(),
    learner: end.learner,
    device: end.device,
    seq: end.seq + 1,
    prev: end.prev,
    type,
    tv,
    at,
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
      at: at.wall,
      body,
      blobs,
    },
    ...{ p: toBase64url(bytes), s: await sign(end.keys, bytes) },
    ...{ state: "saved", why: null, effect: null, appeal: false, tries: 0, replay: false, dismissed: false },
    ...{ decided_at: null, aside_until: null, local: null },
  };
}
