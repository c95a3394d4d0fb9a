/** Two learners turned out to be one person: what is here of the one becomes the other's. A module of its own, few ever need it. */

import { db } from "./db.js";
import { feedOf } from "./feed.js";
import { changed } from "./live.js";
import { beginTurn, pairsOf, removePerson } from "./people.js";

const STORES = /** @type {const} */ (["people", "device", "outbox", "feed", "cursors", "blobs", "drafts", "settings", "doors"]);

/** @typedef {import("idb").IDBPTransaction<import("./db.js").Schema, (typeof STORES)[number][], "readwrite">} Tx */

/**
 * Put everything of a learner in another's name, in one transaction: all tabs see both or neither. The signed bytes stay.
 * @param {string} former
 * @param {string} learner who it is by now
 */
export async function become(former, learner) {
  const tx = (await db()).transaction([...STORES], "readwrite", { durability: "strict" });
  const [row, theirs] = [await tx.objectStore("device").get(former), await tx.objectStore("device").get(learner)];
  if (row && theirs) await movePairs(tx.objectStore("blobs"), former, learner); // for whom they are asked now
  else if (row) await moveAll(tx, row, learner);
  await tx.done;
  changed(...STORES);
  if (row && theirs) await giveWay(former, learner);
}

/**
 * Both have learned on this phone, as two devices: the one goes once all that it signed was sent.
 * @param {string} former
 * @param {string} learner
 */
async function giveWay(former, learner) {
  const wasAtWork = (await (await db()).get("settings", "learner"))?.value === former;
  if (!(await removePerson(former)) && wasAtWork) await beginTurn(learner);
}

/**
 * @param {Tx} tx
 * @param {DeviceRow} row
 * @param {string} learner
 */
async function moveAll(tx, row, learner) {
  const former = row.learner;
  const device = tx.objectStore("device");
  await device.delete(former);
  await device.put({ ...row, learner });
  for (const item of await tx.objectStore("outbox").index("learner").getAll(former)) await tx.objectStore("outbox").put({ ...item, learner });
  for (const name of /** @type {const} */ (["blobs", "drafts"])) await movePairs(tx.objectStore(name), former, learner);
  for (const door of await tx.objectStore("doors").getAll()) if (door.learner === former) await tx.objectStore("doors").put({ ...door, learner });
  await moveOne(tx.objectStore("people"), former, learner);
  await moveSettings(tx.objectStore("settings"), former, learner);
  // What the server tells from now on is in the other's feed, from its beginning.
  await tx.objectStore("feed").delete(pairsOf(feedOf(former)));
  await tx.objectStore("cursors").delete(feedOf(former));
}

/** @param {any} store @param {string} former @param {string} learner */
async function movePairs(store, former, learner) {
  for (const one of await store.getAll(pairsOf(former))) await store.put({ ...one, learner });
  await store.delete(pairsOf(former));
}

/** @param {any} people @param {string} former @param {string} learner */
async function moveOne(people, former, learner) {
  const one = await people.get(former);
  await people.delete(former);
  if (one && !(await people.get(learner))) await people.put({ ...one, learner });
}

/**
 * Facts under `name@learner`, who is at work, and who everybody turned out to be: for what was begun in an earlier turn.
 * @param {any} settings
 * @param {string} former
 * @param {string} learner
 */
async function moveSettings(settings, former, learner) {
  for (const one of await settings.getAll()) {
    const { name, value } = one;
    if (name.startsWith("became@")) {
      if (value === former) await settings.put({ name, value: learner });
    } else if (name.endsWith(`@${former}`)) {
      const now = name.replace(former, learner);
      await settings.delete(name);
      if (!(await settings.get(now))) await settings.put({ ...one, name: now });
    } else if (name === "learner" && value === former) await settings.put({ ...one, value: learner });
  }
  await settings.put({ name: `became@${former}`, value: learner });
}
