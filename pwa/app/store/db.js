/** The phone's database: opened once a page, one way up through its versions, and never in another tab's way. */

import { openDB } from "idb";

const NAME = "streetwise";
const VERSION = 2;

/**
 * @typedef {import("idb").DBSchema & {
 *   device: {key: string, value: DeviceRow},
 *   outbox: {key: string, value: OutboxItem, indexes: {learner: string}},
 *   feed: {key: [string, string], value: FeedRow, indexes: {feed: string}},
 *   cursors: {key: string, value: {feed: string, next: number}},
 *   blobs: {key: [string, string], value: StoredBlob},
 *   bundles: {key: string, value: SavedPlaylist},
 *   drafts: {key: [string, string], value: Draft},
 *   people: {key: string, value: Person},
 *   relay: {key: string, value: RelayItem},
 *   relay_blobs: {key: [string, string], value: RelayBlob},
 *   leases: {key: string, value: Lease},
 *   ballast: {key: string, value: {name: string, bytes: ArrayBuffer}},
 *   settings: {key: string, value: {name: string, value: any, turn?: number}},
 * }} Schema
 * @typedef {import("idb").IDBPDatabase<Schema>} Database
 * @typedef {import("idb").IDBPTransaction<Schema, import("idb").StoreNames<Schema>[], "versionchange">} Upgrade
 */

/** @type {Promise<Database> | null} */
let opened = null;

/** @type {(() => void) | null} */
let onBlocked = null;

/**
 * Open the database, making it when it is not there.
 * @returns {Promise<Database>}
 */
export function db() {
  opened ??= open().catch((error) => {
    opened = null;
    throw error;
  });
  return opened;
}

/**
 * Open the database only if it exists: a visitor who has done nothing yet gets nothing written.
 * @returns {Promise<Database | null>}
 */
export async function dbIfAny() {
  if (opened) return opened;
  const known = await indexedDB.databases?.();
  return known && !known.some(({ name }) => name === NAME) ? null : db();
}

/**
 * Be told when another tab with an old version keeps this one waiting.
 * @param {() => void} tell
 */
export function whenBlocked(tell) {
  onBlocked = tell;
}

/** Close, so that another version may upgrade or a test may start afresh. */
export async function close() {
  (await opened)?.close();
  opened = null;
}

function open() {
  return openDB(/** @type {string} */ (NAME), VERSION, {
    upgrade,
    blocked: () => onBlocked?.(),
    // A newer version waits in another tab: give way at once, the next read opens again (and fails clearly if too old).
    blocking: () => void close(),
    terminated: () => {
      opened = null;
    },
  });
}

/**
 * @param {Database} database
 * @param {number} from
 * @param {number | null} _to
 * @param {Upgrade} tx
 */
async function upgrade(database, from, _to, tx) {
  if (from < 1) {
    database.createObjectStore("device", { keyPath: "learner" });
    database.createObjectStore("outbox", { keyPath: "id" }).createIndex("learner", "learner");
    database.createObjectStore("feed", { keyPath: ["feed", "key"] }).createIndex("feed", "feed");
    database.createObjectStore("cursors", { keyPath: "feed" });
    database.createObjectStore("blobs", { keyPath: ["learner", "sha256"] });
    database.createObjectStore("bundles", { keyPath: "id" });
    database.createObjectStore("settings", { keyPath: "name" });
  }
  if (from < 2) {
    database.createObjectStore("people", { keyPath: "learner" });
    database.createObjectStore("relay", { keyPath: "id" });
    database.createObjectStore("relay_blobs", { keyPath: ["device", "sha256"] });
    database.createObjectStore("leases", { keyPath: "name" });
    database.createObjectStore("ballast", { keyPath: "name" });
    await giveDraftsALearner(database, tx);
  }
}

/**
 * Drafts belonged to the browser; now each belongs to the learner who wrote it.
 * @param {Database} database
 * @param {Upgrade} tx
 */
async function giveDraftsALearner(database, tx) {
  const old = database.objectStoreNames.contains("drafts") ? await tx.objectStore("drafts").getAll() : [];
  const learner = (await tx.objectStore("settings").get("learner"))?.value ?? "";
  if (database.objectStoreNames.contains("drafts")) database.deleteObjectStore("drafts");
  const drafts = database.createObjectStore("drafts", { keyPath: ["learner", "task"] });
  for (const draft of old) await drafts.put({ ...draft, learner });
}
