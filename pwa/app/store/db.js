/** The phone's database: opened once a page, one way up through its versions, and never in another tab's way. */

import { deleteDB, openDB } from "idb";
import { changed } from "./live.js";

const NAME = "streetwise";
const VERSION = 3;

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
 *   doors: {key: string, value: StoredDoor},
 *   ballast: {key: string, value: {name: string, bytes: ArrayBuffer}},
 *   settings: {key: string, value: {name: string, value: any, turn?: number}},
 * }} Schema
 * @typedef {import("idb").IDBPDatabase<Schema>} Database
 * @typedef {import("idb").IDBPTransaction<Schema, import("idb").StoreNames<Schema>[], "versionchange">} Upgrade
 */

/** How long an open may take that no other tab holds up. */
const PATIENCE_MS = 10_000;

/**
 * blocked: another tab with an old version keeps us waiting · unreadable: what was written before cannot be read now ·
 * broken: nothing can be read or written
 * @typedef {"blocked" | "unreadable" | "broken" | null} Trouble
 */

/** @type {Promise<Database> | null} */
let opened = null;

/** @type {Trouble} */
let trouble = null;

/** @type {((trouble: Trouble) => void) | null} */
let onTrouble = null;

/**
 * Open the database, making it when it is not there.
 * @returns {Promise<Database>}
 */
export function db() {
  opened ??= open().catch((error) => {
    opened = null;
    report("broken");
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
  const known = await knownNames();
  return known && !known.length ? null : db();
}

/**
 * Be told what is wrong with the database, now and whenever that changes.
 * @param {(trouble: Trouble) => void} tell
 */
export function whenTroubled(tell) {
  onTrouble = tell;
  if (trouble) tell(trouble);
}

/** Close, so that another version may upgrade or a test may start afresh. */
export async function close() {
  (await opened)?.close();
  opened = null;
}

/**
 * The newest of ours is in use. What cannot be read is left as it is, and work goes on in a new one; each start tries
 * the others again.
 */
async function open() {
  const names = (await knownNames()) ?? [];
  const name = names.pop() ?? NAME;
  try {
    const database = await openNamed(name);
    if (names.length) void bringHome(database, names);
    return database;
  } catch (error) {
    const { beside } = await import("./recovery.js");
    const database = await beside(name, error, TOOLS);
    void bringHome(database, [...names, name]);
    return database;
  }
}

/**
 * @param {Database} database
 * @param {string[]} left names of databases that could not be read
 */
async function bringHome(database, left) {
  const { moveAll } = await import("./recovery.js");
  report((await moveAll(database, left, TOOLS)) ? null : "unreadable");
}

/** @returns {Promise<string[] | null>} those of ours that exist, the newest last; null when the browser does not tell */
async function knownNames() {
  const all = await indexedDB.databases?.().catch(() => null);
  if (!all) return null;
  const ours = all.flatMap(({ name }) => (name && /^streetwise(-\d+)?$/.test(name) ? name : []));
  return ours.sort((a, b) => numberOf(a) - numberOf(b));
}

/** The first has no number. @param {string} name */
const numberOf = (name) => Number(name.slice(NAME.length + 1) || 1);

/**
 * @param {string} name
 * @returns {Promise<Database>}
 */
function openNamed(name) {
  return new Promise((resolve, reject) => {
    const late = new DOMException("The database does not answer", "TimeoutError");
    const timer = setTimeout(reject, PATIENCE_MS, late);
    /** @type {any} */ (timer).unref?.(); // in Node, don't keep a test alive
    const request = openDB(/** @type {string} */ (name), VERSION, {
      upgrade,
      blocked: () => {
        clearTimeout(timer);
        report("blocked");
      },
      // A newer version waits in another tab: give way at once, the next read opens again (and fails clearly if too old).
      blocking: (_old, _new, event) => giveWay(/** @type {any} */ (event.target)),
      terminated: () => {
        opened = null;
      },
    });
    request.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      if (trouble === "blocked") report(null);
    });
  });
}

/** What recovery is given: importing it would cut the first visit's bundle into more files. */
export const TOOLS = { changed, deleteDB, numberOf, openDB, openNamed, version: VERSION };

/** @param {IDBDatabase} database */
function giveWay(database) {
  database.close();
  opened = null;
}

/** @param {Trouble} now */
function report(now) {
  trouble = now;
  onTrouble?.(now);
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
  if (from < 3) database.createObjectStore("doors", { keyPath: "occurrence" });
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
