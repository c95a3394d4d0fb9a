/** Brings home what lies in a database that could not be read for a while: everything joins, nothing is replaced. */

/** @typedef {typeof import("./db.js").TOOLS} Tools */

/** What belongs to a browser or a moment, and not to a learner. */
const LEFT_BEHIND = new Set(["leases", "ballast"]);

/** Newer than this app, damaged, or silent. Anything else (a full disk, a private window) would stop another one, too. */
const UNREADABLE = new Set(["VersionError", "UnknownError", "NotReadableError", "DataError", "TimeoutError"]);

/**
 * Open a new database beside one that cannot be read. Where the browser cannot list databases we could not find it
 * again, so there is none.
 * @param {string} name
 * @param {any} error why it cannot be read
 * @param {Tools} tools
 * @returns {Promise<import("./db.js").Database>}
 */
export async function beside(name, error, { numberOf, openNamed }) {
  if (!UNREADABLE.has(error?.name) || !indexedDB.databases) throw error;
  console.warn("the database cannot be read", error);
  return openNamed(`streetwise-${numberOf(name) + 1}`);
}

/**
 * Try each database that was left; when it opens, move what it holds.
 * @param {import("./db.js").Database} database where work goes on
 * @param {string[]} names
 * @param {Tools} tools
 * @returns {Promise<boolean>} true when none is left that cannot be read
 */
export async function moveAll(database, names, tools) {
  const moved = [];
  for (const name of names) moved.push(await alone(name, () => move(database, name, tools)));
  return moved.every(Boolean);
}

/**
 * @param {import("./db.js").Database} database
 * @param {string} name
 * @param {Tools} tools
 * @returns {Promise<boolean>}
 */
async function move(database, name, tools) {
  try {
    await closeElsewhere(name, tools);
    const old = await tools.openNamed(name);
    const whole = await copy(old, database, tools).finally(() => old.close());
    // Only now: what it held is on the disk, under the new name.
    if (whole) await tools.deleteDB(name);
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
 * @param {Tools} tools
 */
async function closeElsewhere(name, { openDB, version }) {
  const upgrade = (/** @type {any} */ _database, /** @type {number} */ _from, /** @type {any} */ _to, /** @type {any} */ tx) => {
    tx.done.catch(() => undefined);
    tx.abort();
  };
  // One that a newer app has written opens as it is; left open it would be in that app's way.
  (await openDB(name, version + 1, { upgrade }).catch(() => undefined))?.close();
}

/**
 * @param {import("./db.js").Database} from
 * @param {import("./db.js").Database} to
 * @param {Tools} tools
 * @returns {Promise<boolean>} false when a part could not be read: the rest has moved, and the old one stays
 */
async function copy(from, to, { changed }) {
  const stores = [...to.objectStoreNames].filter((name) => !LEFT_BEHIND.has(name));
  const read = await Promise.all(stores.map((store) => from.getAll(store).catch(() => null)));
  const tx = to.transaction(stores, "readwrite", { durability: "strict" });
  const writes = stores.flatMap((store, n) => (read[n] ?? []).map((row) => putNew(tx.objectStore(store), row)));
  await Promise.all([...writes, tx.done]);
  changed(...stores);
  if (!read.includes(null)) return true;
  // The old one stays. What is home must not come again: it would bring back what is handed in or removed since.
  for (const [n, store] of stores.entries()) if (read[n]?.length) await from.clear(store);
  return false;
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
