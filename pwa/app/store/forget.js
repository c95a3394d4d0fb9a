/** Forgets what was answered long ago, so that a phone does not fill up: a module of its own, no first visit needs it. */

import { sendingName } from "./blobs.js";
import { db } from "./db.js";
import { KEPT_MS } from "./outbox.js";

/**
 * Remove items that were answered, and seen if declined, longer ago than we keep them, with the files that no other
 * item names. The hello stays for ever.
 * @param {string} learner
 * @param {number} now ms
 */
export async function forgetOld(learner, now) {
  const tx = (await db()).transaction(["outbox", "blobs", "settings"], "readwrite");
  const items = await tx.objectStore("outbox").index("learner").getAll(learner);
  const old = new Set(items.filter((item) => isOld(item, now)));
  for (const { id } of old) await tx.objectStore("outbox").delete(id);
  const hashes = (/** @type {OutboxItem[]} */ some) => new Set(some.flatMap(({ blobs }) => blobs.map((blob) => blob.sha256)));
  const needed = hashes(items.filter((item) => !old.has(item)));
  for (const hash of hashes([...old])) {
    if (needed.has(hash)) continue;
    await tx.objectStore("blobs").delete([learner, hash]);
    await tx.objectStore("settings").delete(sendingName(learner, hash));
  }
  await tx.done;
}

/** @param {OutboxItem} item @param {number} now ms */
function isOld({ state, type, dismissed, replay, decided_at }, now) {
  const seen = dismissed || type !== "event.lost"; // a loss is known to the learner before it is forgotten
  const answered = (state === "accepted" && seen) || (state === "declined" && dismissed);
  return answered && decided_at !== null && decided_at < now - KEPT_MS && !replay && type !== "device.hello";
}
