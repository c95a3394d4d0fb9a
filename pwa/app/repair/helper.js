/** Starts the service worker anew, with fresh files. The database is not touched. */

import { workerAddress } from "../sync/worker-address.js";

/** What must stay unless somebody asks: the files of saved playlists. */
const SAVED = "kept";

const MARK = "streetwise-renew";

/**
 * Remove the worker and its files, and open this page again without it. To be called with a network only.
 * @param {{saved: boolean}} also saved: the files of saved playlists too
 */
export async function removeHelper({ saved }) {
  // Without a network the app would be gone until there is one.
  const there = await fetch("/service-worker.js", { cache: "no-store" });
  if (!there.ok) throw new TypeError(`HTTP ${there.status}`);
  for (const one of (await navigator.serviceWorker?.getRegistrations()) ?? []) await one.unregister();
  for (const name of (await globalThis.caches?.keys()) ?? []) if (saved || name !== SAVED) await caches.delete(name);
  sessionStorage.setItem(MARK, "1");
  location.reload();
}

/** @returns {boolean} true once, after `removeHelper` */
export function wasRemoved() {
  const marked = sessionStorage.getItem(MARK) !== null;
  sessionStorage.removeItem(MARK);
  return marked;
}

/** @returns {Promise<boolean>} true when it runs */
export async function startHelper() {
  const registration = await navigator.serviceWorker?.register(workerAddress(), { scope: "/" });
  if (!registration) return false;
  const late = new Promise((resolve) => setTimeout(resolve, 20_000, false));
  return Promise.race([navigator.serviceWorker.ready.then(() => true), late]);
}
