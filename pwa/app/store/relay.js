/** What this phone carries for others, out of a rescue file: their signed events, and their files with signatures made beforehand. */

import { db, dbIfAny } from "./db.js";
import { changed } from "./live.js";
import { KEPT_MS } from "./outbox.js";

/**
 * Everything carried, in the order of the chains.
 * @returns {Promise<RelayItem[]>}
 */
export async function carried() {
  const items = (await (await dbIfAny())?.getAll("relay")) ?? [];
  return items.sort((a, b) => (a.device === b.device ? a.seq - b.seq : a.device < b.device ? -1 : 1));
}

/** Is anything still to be brought? */
export async function carries() {
  return (await carried()).some((item) => item.state === "carried");
}

/**
 * What the next cycle should bring.
 * @param {number} now ms
 * @returns {Promise<RelayItem[]>}
 */
export async function toBring(now) {
  return (await carried()).filter((item) => item.state === "carried" && (item.aside_until ?? 0) <= now);
}

/**
 * Keep what a rescue file holds, if it is not here yet: all of it or nothing.
 * @param {RelayItem[]} items
 * @param {RelayBlob[]} blobs
 */
export async function carry(items, blobs) {
  const tx = (await db()).transaction(["relay", "relay_blobs"], "readwrite", { durability: "strict" });
  const writes = [
    ...items.map((item) => tx.objectStore("relay").put(item)),
    ...blobs.map((blob) => tx.objectStore("relay_blobs").put(blob)),
  ];
  await Promise.all([...writes, tx.done]);
  changed("relay", "relay_blobs");
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
 * Drop the files that nothing carried names any more, and the history that is older than we keep.
 * @param {number} now ms
 */
export async function forgetBrought(now) {
  const tx = (await db()).transaction(["relay", "relay_blobs"], "readwrite");
  const needed = new Set();
  for (const item of await tx.objectStore("relay").getAll()) {
    if (item.state === "carried") for (const { sha256 } of item.blobs) needed.add(`${item.device} ${sha256}`);
    else if (item.taken_at < now - KEPT_MS) await tx.objectStore("relay").delete(item.id);
  }
  for (const [device, hash] of await tx.objectStore("relay_blobs").getAllKeys())
    if (!needed.has(`${device} ${hash}`)) await tx.objectStore("relay_blobs").delete([device, hash]);
  await tx.done;
  changed("relay", "relay_blobs");
}
