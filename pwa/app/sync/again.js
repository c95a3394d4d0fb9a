/**
 * Records things again that the server could not take where they stood: a phone that was restored from a backup, or
 * has a living twin, made events at places of its chain that are taken; a file came too late for its event.
 */

import { db } from "../store/db.js";
import { device } from "../store/device.js";
import { changed } from "../store/live.js";
import { isWork, itemsOf } from "../store/outbox.js";
import { fromBase64url } from "./bytes.js";
import { digest, signed } from "./events.js";

/** A thing that breaks its chain more often than this has another trouble: it stays declined, in sight. */
const MOST_ROUNDS = 20;

/**
 * Record again what was declined for such a reason. The learner goes on seeing one item.
 * @param {string} learner
 * @returns {Promise<number>} how many
 */
export async function recordAgainWhatBroke(learner) {
  for (;;) {
    const row = await device(learner);
    const items = (await itemsOf(learner)).filter((item) => item.device === row?.device);
    const open = items.filter(mayTryAgain).sort((a, b) => a.seq - b.seq);
    const broken = open.filter((item) => item.why === "chain_broken" && Number.isInteger(item.effect?.seq));
    const late = [];
    for (const item of open) if (item.why === "blob_late" && (await hasFiles(item))) late.push(item);
    const again = [...broken, ...late];
    if (!row || !again.length) return 0;
    const end = broken.length ? await chainEnd(items, broken) : null;
    const renamed = new Map(items.flatMap(({ id, replaced }) => (replaced ? [[id, replaced]] : [])));
    if (await recordAgain(row, again, { end, renamed })) return again.length;
  }
}

/** @param {OutboxItem} item */
function mayTryAgain(item) {
  const fresh = !item.replaced && !item.dismissed && (item.rounds ?? 0) < MOST_ROUNDS;
  return fresh && item.state === "declined" && (isWork(item) || /^(event\.withdraw|award\.show|door\..+)$/.test(item.type));
}

/** @param {OutboxItem} item */
async function hasFiles({ learner, blobs }) {
  const database = await db();
  const found = await Promise.all(blobs.map(({ sha256 }) => database.getKey("blobs", [learner, sha256])));
  return blobs.length > 0 && found.every(Boolean);
}

/**
 * Where the server's chain ends: the furthest that it has told us, or what it has taken of ours since.
 * @param {OutboxItem[]} items
 * @param {OutboxItem[]} broken
 * @returns {Promise<{seq: number, prev: string}>}
 */
async function chainEnd(items, broken) {
  const told = broken.map(({ effect }) => effect).sort((a, b) => b.seq - a.seq)[0];
  const taken = items.filter((item) => !item.replay && (item.state === "accepted" || item.state === "received"));
  const last = taken.sort((a, b) => b.seq - a.seq)[0];
  return last && last.seq > told.seq ? { seq: last.seq, prev: await digest(last.p) } : told;
}

/**
 * Put the same things at the end of the chain, as new events with the moments at which they were done. New items, the
 * chain's end and the old items' marks move in one transaction.
 * @param {DeviceRow} before
 * @param {OutboxItem[]} items in the order of their chain
 * @param {{end: {seq: number, prev: string} | null, renamed: Map<string, string>}} how end: null to go on where we are ·
 *   renamed: what was recorded again before, by its old id
 * @returns {Promise<boolean>} false when another tab was faster
 */
async function recordAgain(before, items, { end, renamed }) {
  const from = { ...before, ...(end && { seq: end.seq, prev: end.prev }) };
  const { made, last } = await signAgain(from, items, renamed);
  const tx = (await db()).transaction(["device", "outbox"], "readwrite", { durability: "strict" });
  const now = /** @type {DeviceRow} */ (await tx.objectStore("device").get(before.learner));
  const free = now.seq === before.seq && now.prev === before.prev;
  if (free) {
    await tx.objectStore("device").put({ ...now, ...last });
    for (const [place, item] of made.entries()) {
      await tx.objectStore("outbox").add(item);
      const old = /** @type {OutboxItem} */ (await tx.objectStore("outbox").get(items[place].id));
      await tx.objectStore("outbox").put({ ...old, dismissed: true, replaced: item.id });
    }
  }
  await tx.done;
  if (free) changed("device", "outbox");
  return free;
}

/**
 * @param {DeviceRow} end
 * @param {OutboxItem[]} items
 * @param {Map<string, string>} renamed grows by these items
 */
async function signAgain(end, items, renamed) {
  const made = [];
  for (const { p, local, rounds = 0, id } of items) {
    /** @type {Envelope} */
    const { type, tv, body, blobs, needs, at } = JSON.parse(new TextDecoder().decode(fromBase64url(p)));
    const now = (/** @type {string} */ one) => renamed.get(one) ?? one;
    const said = /\.(withdraw|undo)$/.test(type) && body.event ? { ...body, event: now(body.event) } : body;
    const content = { type, tv, body: said, blobs, at, needs: (needs ?? []).map(now) };
    const item = { ...(await signed(end, content)), local, rounds: rounds + 1 };
    renamed.set(id, item.id);
    made.push(item);
    end = { ...end, seq: item.seq, prev: await digest(item.p) };
  }
  return { made, last: { seq: end.seq, prev: end.prev } };
}
