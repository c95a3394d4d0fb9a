/** What a browser gives and Node does not: a database that each test gets fresh. */

import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { close, db } from "../../pwa/app/store/db.js";
import { requestSync } from "../../pwa/app/sync/triggers.js";

/** Begin with an empty phone. */
export async function freshPhone() {
  await requestSync(); // what an earlier test left running
  await close();
  globalThis.indexedDB = new IDBFactory();
}

/** What a closed and reopened browser finds: the same database through a new connection. */
export async function reopen() {
  await close();
}

/** Take a new phone out of its box, and leave the one before in the drawer. */
export async function otherPhone() {
  await requestSync();
  await close();
  globalThis.indexedDB = new IDBFactory();
  return globalThis.indexedDB;
}

/**
 * Go on with a phone from the drawer.
 * @param {IDBFactory} phone
 */
export async function pickUp(phone) {
  await requestSync();
  await close();
  globalThis.indexedDB = phone;
}

/**
 * What a backup of this phone's profile, restored on another one, is: the same database at another place.
 * @returns {Promise<IDBFactory>}
 */
export async function cloneOfPhone() {
  const here = globalThis.indexedDB;
  const database = await db();
  /** @type {[string, any[]][]} */
  const content = [];
  for (const name of database.objectStoreNames) content.push([name, await database.getAll(name)]);
  await close();
  globalThis.indexedDB = new IDBFactory();
  const copy = await db();
  for (const [name, rows] of content) for (const row of rows) await copy.put(/** @type {any} */ (name), row);
  await close();
  const clone = globalThis.indexedDB;
  globalThis.indexedDB = here;
  return clone;
}
