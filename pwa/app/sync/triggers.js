/** When to sync: after a record, when the page is seen again, when the network may be back, and from time to time while something waits. */

import { refreshAll } from "../store/live.js";
import { waitingCount } from "../store/outbox.js";
import { nextTryAt, syncOnce } from "./client.js";
import { listenToOthers } from "./status.js";

const EVERY_MS = 30_000;

/** @type {Promise<import("./client.js").Outcome> | null} */
let running = null;
let again = false;

/**
 * Sync soon. Calls during a cycle lead to one more cycle after it.
 * @returns {Promise<import("./client.js").Outcome>}
 */
export function requestSync() {
  if (running) {
    again = true;
    return running;
  }
  running = untilQuiet()
    .catch(notNow)
    .finally(() => {
      running = null;
    });
  return running;
}

/** Ask the browser to wake the worker when the network is back, where it can (not on iOS). */
export async function wakeWorkerLater() {
  try {
    const registration = await globalThis.navigator?.serviceWorker?.getRegistration();
    await /** @type {any} */ (registration)?.sync?.register("sync");
  } catch {
    // Not allowed or not known here: the other triggers do.
  }
}

/** Begin to listen for everything that may mean "now". */
export function startTriggers() {
  listenToOthers();
  addEventListener("online", requestSync);
  addEventListener("pageshow", (event) => {
    if (event.persisted) refreshAll();
    void requestSync();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void requestSync();
  });
  navigator.serviceWorker?.addEventListener("message", ({ data }) => {
    if (data?.type === "sync") void requestSync();
  });
  setInterval(tick, EVERY_MS);
  void requestSync();
}

async function tick() {
  if (document.visibilityState !== "visible" || running) return;
  if ((await waitingCount()) > 0 || Date.now() > nextTryAt()) await syncOnce({ patient: true }).catch(notNow);
}

/**
 * The database was closed under us, by a newer version in another tab: nothing is lost, a later trigger tries again.
 * @param {unknown} error
 * @returns {import("./client.js").Outcome}
 */
function notNow(error) {
  console.warn("sync", error);
  return "failed";
}

async function untilQuiet() {
  let outcome;
  do {
    again = false;
    outcome = await syncOnce();
  } while (again && outcome === "done");
  return outcome;
}
