/** When to sync: after a record, when the page is seen again, when the network may be back, and from time to time while something waits. */

import { isInUse } from "../store/device.js";
import { refreshAll } from "../store/live.js";
import { listenToOthers } from "./status.js";

const EVERY_MS = 30_000;
/** Phones that get the network back together must not all come in the same moment. */
const SPREAD_MS = 1_000;
/** The page that was just left may hold the lock for a moment still. */
const BUSY_MS = 2_000;

/** @type {Promise<import("./client.js").Outcome> | null} */
let running = null;
let again = false;

/**
 * Sync soon, everybody who has worked here. Calls during a round lead to one more round after it.
 * @returns {Promise<import("./client.js").Outcome>}
 */
export function requestSync() {
  if (running) {
    again = true;
    return running;
  }
  running = untilQuiet();
  return running;
}

/** Begin to listen for everything that may mean "now". */
export function startTriggers() {
  listenToOthers();
  addEventListener("online", () => setTimeout(requestSync, Math.random() * SPREAD_MS));
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
  if (document.visibilityState === "visible" && !running) await round({ patient: true }).catch(notNow);
}

/**
 * Sync's own code comes when there is something to sync: a first visit does not wait for it.
 * @param {{patient?: boolean}} [how]
 * @returns {Promise<import("./client.js").Outcome>}
 */
async function round(how) {
  if (!(await isInUse())) return "nothing";
  const { syncAll } = await import("./all.js");
  return syncAll(how);
}

/**
 * The database was closed under us by a newer version in another tab, or sync's code could not be fetched: nothing is
 * lost, the worker may have more luck, and a later trigger tries again.
 * @param {unknown} error
 * @returns {import("./client.js").Outcome}
 */
function notNow(error) {
  console.warn("sync", error);
  globalThis.navigator?.serviceWorker?.controller?.postMessage({ type: "sync" });
  return "failed";
}

/** Somebody's first work may be recorded after a round has looked and found "nothing": that counts as a call as well. */
async function untilQuiet() {
  let outcome;
  do {
    again = false;
    outcome = await round().catch(notNow);
  } while (again && (outcome === "done" || outcome === "nothing"));
  running = null; // in the same breath as the look at `again`, or a call in between would be lost
  if (outcome === "busy" && globalThis.document?.visibilityState === "visible") setTimeout(requestSync, BUSY_MS);
  return outcome;
}
