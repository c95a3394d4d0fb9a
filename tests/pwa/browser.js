/** What a browser gives and Node does not: a database that each test gets fresh. */

import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { close } from "../../pwa/app/store/db.js";
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
