/**
 * Gives up what a page is in the middle of when it goes. The standard says so of a page that is destroyed (Indexed
 * Database API, "close a database connection" with its forced flag), but WebKit leaves such transactions open, and
 * every later page and the worker wait for them for ever. A page put into the back-forward cache would hold them, too.
 * It loses nothing: nobody was told that it was done.
 */

import { unwrap } from "idb";

/** What this page is reading or writing now. @type {Set<IDBTransaction>} */
const running = new Set();

globalThis.addEventListener?.("pagehide", () => {
  for (const one of running) one.abort();
});

/**
 * Keep an eye on a connection's transactions.
 * @template {import("idb").IDBPDatabase<any>} D
 * @param {D} database
 * @returns {D} the same
 */
export function watched(database) {
  const raw = unwrap(database);
  const begin = raw.transaction.bind(raw);
  raw.transaction = (...how) => {
    const begun = begin(...how);
    running.add(begun);
    for (const end of ["complete", "abort"]) begun.addEventListener(end, () => running.delete(begun));
    return begun;
  };
  return database;
}
