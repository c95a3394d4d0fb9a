/** What the person should know of sync: shared by all tabs and the worker, and learnt from results, never from navigator.onLine. */

import { signal } from "@preact/signals-core";
import { learnerId } from "../store/device.js";
import { live } from "../store/live.js";
import { waitingCount } from "../store/outbox.js";
import { ownSetting } from "../store/settings.js";

/** True after an answer of our server, false after a failure to reach it, null before we have tried. */
export const online = signal(/** @type {boolean | null} */ (null));

export const syncing = signal(false);

/**
 * offline: no way to the server · elsewhere: something else answered in its place · wait: the server asked us to · rejected: it refuses what we send ·
 * locked: this phone was locked out by another one of its learner's · old: this app is too old · fault: something broke here or there
 * @typedef {{kind: "offline" | "elsewhere" | "wait" | "rejected" | "locked" | "old" | "fault", until?: number, detail?: string}} SyncProblem
 */
export const problem = signal(/** @type {SyncProblem | null} */ (null));

/** Things that the learner did and the server has not got. */
export const waiting = live(waitingCount, ["outbox", "device", "settings"], 0);

/** When the server last answered for the learner at work, in ms. */
export const lastSyncedAt = live(
  async () => /** @type {number | null} */ ((await ownSetting("synced_at")) ?? null),
  ["settings"],
  null,
);

/** @type {BroadcastChannel | null} */
let channel = null;

/**
 * Show a change of status here and in the other tabs.
 * @param {{online?: boolean | null, syncing?: boolean, problem?: SyncProblem | null}} change
 */
export function report(change) {
  show(change);
  listenToOthers()?.postMessage(change);
}

/** Follow the status that other tabs and the worker report. */
export function listenToOthers() {
  if (!channel && typeof BroadcastChannel !== "undefined") {
    channel = new BroadcastChannel("streetwise-status");
    channel.onmessage = ({ data }) => show(data);
    /** @type {any} */ (channel).unref?.();
  }
  return channel;
}

/** @param {Parameters<typeof report>[0]} change */
function show(change) {
  if (change.online !== undefined) online.value = change.online;
  if (change.syncing !== undefined) syncing.value = change.syncing;
  if (change.problem !== undefined) problem.value = change.problem;
}
