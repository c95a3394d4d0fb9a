/** Reads all that our databases on this phone hold, raw: of whatever version, also damaged, and never writing. */

const NAME = /^streetwise(-\d+)?$/;
const PATIENCE_MS = 10_000;

/**
 * @typedef {{
 *   rows: Record<string, any[]>,
 *   damaged: boolean,
 * }} Found rows by store; damaged: something is there that could not be read
 */

/** @returns {Promise<Found>} */
export async function readAll() {
  /** @type {Found} */
  const found = { rows: {}, damaged: false };
  for (const name of await names()) await readInto(found, name);
  return found;
}

async function names() {
  const all = await indexedDB.databases?.().catch(() => null);
  if (!all) return ["streetwise"];
  return all.flatMap(({ name }) => (name && NAME.test(name) ? name : []));
}

/**
 * @param {Found} found
 * @param {string} name
 */
async function readInto(found, name) {
  const database = await open(name).catch(() => {
    found.damaged = true;
    return null;
  });
  for (const store of database?.objectStoreNames ?? []) {
    const rows = await rowsOf(/** @type {IDBDatabase} */ (database), store, found);
    found.rows[store] = [...(found.rows[store] ?? []), ...rows];
  }
  database?.close();
}

/**
 * @param {string} name
 * @returns {Promise<IDBDatabase | null>} null when there is none
 */
function open(name) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name); // with no version: as it is
    setTimeout(reject, PATIENCE_MS, new Error("silent"));
    request.onupgradeneeded = () => {
      request.transaction?.abort(); // it does not exist, and must not by our looking
      resolve(null);
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
}

/**
 * All rows of a store; when that fails, one by one those that can be read.
 * @param {IDBDatabase} database
 * @param {string} name
 * @param {Found} found
 * @returns {Promise<any[]>}
 */
async function rowsOf(database, name, found) {
  const store = () => database.transaction(name).objectStore(name);
  try {
    return await answer(store().getAll());
  } catch {
    found.damaged = true;
    const keys = await answer(store().getAllKeys()).catch(() => []);
    const rows = await Promise.all(keys.map((key) => answer(store().get(key)).catch(() => undefined)));
    return rows.filter(Boolean);
  }
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
