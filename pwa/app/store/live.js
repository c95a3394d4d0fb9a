/** Reading that stays true: a signal over a query, run again when a store changes here, in another tab or in the worker. */

import { signal } from "@preact/signals-core";

/** @type {Set<{stores: StoreName[], refresh: () => void}>} */
const watchers = new Set();

/** @type {BroadcastChannel | null} */
let channel = null;

/**
 * Say that stores have changed; call it after the transaction completed.
 * @param {...StoreName} stores
 */
export function changed(...stores) {
  tellHere(stores);
  connect()?.postMessage(stores);
}

/**
 * A signal with the newest answer of `query`; `initial` until the first answer, and while nobody looks.
 * @template T
 * @param {() => Promise<T>} query
 * @param {StoreName[]} stores those that the answer depends on
 * @param {T} [initial]
 * @returns {import("@preact/signals-core").ReadonlySignal<T | undefined>}
 */
export function live(query, stores, initial) {
  let asked = 0;
  const watcher = {
    stores,
    refresh: async () => {
      const mine = ++asked;
      try {
        const answer = await query();
        if (mine === asked) answers.value = answer;
      } catch (error) {
        // The database went away under the query (an upgrade in another tab): the last answer stays.
        console.warn(error);
      }
    },
  };
  const answers = signal(/** @type {T | undefined} */ (initial), {
    watched() {
      connect();
      watchers.add(watcher);
      void watcher.refresh();
    },
    unwatched: () => void watchers.delete(watcher),
  });
  return answers;
}

/** Look again at everything: after the page was frozen or came back from the back-forward cache. */
export function refreshAll() {
  for (const watcher of watchers) watcher.refresh();
}

/** @param {StoreName[]} stores */
function tellHere(stores) {
  for (const watcher of watchers) {
    if (watcher.stores.some((name) => stores.includes(name))) watcher.refresh();
  }
}

function connect() {
  if (!channel && typeof BroadcastChannel !== "undefined") {
    channel = new BroadcastChannel("streetwise-stores");
    channel.onmessage = ({ data }) => tellHere(data);
    /** @type {any} */ (channel).unref?.(); // in Node, don't keep a test alive
  }
  return channel;
}
