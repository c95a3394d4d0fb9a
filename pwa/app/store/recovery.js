/** Brings home what lies in a database that could not be read for a while: everything joins, nothing is replaced. */

import { deleteDB, openDB } from "idb";
import { openNamed, VERSION } from "./db.js";
import { changed } from "./live.js";

/** What belongs to a browser or a moment, and not to a learner. */
const LEFT_BEHIND = new Set(["leases", "ballast"]);

/**
 * Try each database that was left; when it opens, move what it holds.
 * @param {import("./db.js").Database} database where work goes on
 * @param {string[]} names
 * @returns {Promise<boolean>} true when none is left that cannot be read
 */
export async function moveAll(database, names) {
  const moved = [];
  for (const name of names) moved.push(await alone(name, () => move(database, name)));
  return moved.every(Boolean);
}

/**
 * @param {import("./db.js").Database} database
 * @param {string} name
 * @returns {Promise<boolean>}
 */
async function move(database, name) {
  try {
    await closeElsewhere(name);
    const old = await openNamed(name);
    const whole = await copy(old, database).finally(() => old.close());
    // Only now: what it held is on the disk, under the new name.
    if (whole) await deleteDB(name);
    return whole;
  } catch (error) {
    console.warn("still cannot be read", name, error);
    return false;
  }
}

/**
 * A tab that could read it may be writing to it: asking for a higher version makes all others close it and go
 * where the work is now; then we change nothing.
 * @param {string} name
 */
async function closeElsewhere(name) {
  const upgrade = (/** @type {any} */ _database, /** @type {number} */ _from, /** @type {any} */ _to, /** @type {any} */ tx) => {
    tx.done.catch(() => undefined);
    tx.abort();
  };
  await openDB(name, VERSION + 1, { upgrade }).catch(() => undefined);
}

/**
 * @param {import("./db.js").Database} from
 * @param {import("./db.js").Database} to
 * @returns {Promise<boolean>} false when a part could not be read: the rest has moved, and the old one stays
 */
async function copy(from, to) {
  const stores = [...to.objectStoreNames].filter((name) => !LEFT_BEHIND.has(name));
  const read = await Promise.all(stores.map((store) => from.getAll(store).catch(() => null)));
  const tx = to.transaction(stores, "readwrite", { durability: "strict" });
  const writes = stores.flatMap((store, n) => (read[n] ?? []).map((row) => putNew(tx.objectStore(store), row)));
  await Promise.all([...writes, tx.done]);
  changed(...stores);
  return !read.includes(null);
}

/**
 * @param {any} store
 * @param {any} row
 */
async function putNew(store, row) {
  const { keyPath } = store;
  const key = Array.isArray(keyPath) ? keyPath.map((part) => row[part]) : row[keyPath];
  if ((await store.getKey(key)) === undefined) await store.put(row);
}

/**
 * One tab at a time: the others are told by what changes.
 * @param {string} name
 * @param {() => Promise<boolean>} work
 * @returns {Promise<boolean>}
 */
async function alone(name, work) {
  const locks = globalThis.navigator?.locks;
  return locks ? locks.request(`recover:${name}`, { ifAvailable: true }, (lock) => (lock ? work() : true)) : work();
}
