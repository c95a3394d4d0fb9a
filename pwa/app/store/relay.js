/** What this phone carries for others, out of a rescue file: their signed events, and their files with signatures made beforehand. */

import { carried } from "./carried.js";
import { db, dbIfAny } from "./db.js";
import { changed } from "./live.js";
import { ASIDE_MS, isAhead } from "./moments.js";
import { KEPT_MS } from "./outbox.js";

/** A file of up to so many bytes is signed to be sent whole, a larger one in pieces. */
export const WHOLE = 1 << 20;
export const PIECE = 1 << 19;

/**
 * What the next cycle should bring.
 * @param {number} now ms
 * @returns {Promise<RelayItem[]>}
 */
export async function toBring(now) {
  return (await carried()).filter((item) => item.state === "carried" && !isAhead(item.aside_until, now, ASIDE_MS));
}

/**
 * Keep what somebody gave: all of it or nothing.
 * @param {RelayItem[]} items
 */
export async function carry(items) {
  const tx = (await db()).transaction("relay", "readwrite", { durability: "strict" });
  const failed = (await Promise.allSettled([tx.done, ...items.map((item) => tx.store.put(item))])).find(
    ({ status }) => status === "rejected",
  );
  if (failed) throw /** @type {PromiseRejectedResult} */ (failed).reason;
  changed("relay");
}

/**
 * Keep a file that belongs to what somebody gave.
 * @param {RelayBlob} blob
 */
export async function carryFile(blob) {
  await (await db()).put("relay_blobs", blob);
}

/**
 * @param {string} device
 * @param {string} hash
 */
export async function carriedBlob(device, hash) {
  return (await dbIfAny())?.get("relay_blobs", [device, hash]);
}

/**
 * Change items in one transaction; `change` gets each and returns it changed.
 * @param {string[]} ids
 * @param {(item: RelayItem) => RelayItem} change
 */
export async function changeCarried(ids, change) {
  const tx = (await db()).transaction("relay", "readwrite", { durability: "strict" });
  for (const id of ids) {
    const item = await tx.store.get(id);
    if (item) await tx.store.put(change(item));
  }
  await tx.done;
  changed("relay");
}

/**
 * Drop the files of what was brought, and the history that is older than we keep.
 * @param {number} now ms
 */
export async function forgetBrought(now) {
  const tx = (await db()).transaction(["relay", "relay_blobs"], "readwrite");
  const items = await tx.objectStore("relay").getAll();
  const names = (/** @type {RelayItem} */ { device, blobs }) => blobs.map(({ sha256 }) => `${device} ${sha256}`);
  const needed = new Set(items.filter(({ state }) => state === "carried").flatMap(names));
  for (const item of items.filter(({ state }) => state !== "carried")) {
    for (const { sha256 } of item.blobs)
      if (!needed.has(`${item.device} ${sha256}`)) await tx.objectStore("relay_blobs").delete([item.device, sha256]);
    if (item.taken_at < now - KEPT_MS) await tx.objectStore("relay").delete(item.id);
  }
  await tx.done;
  changed("relay", "relay_blobs");
}
