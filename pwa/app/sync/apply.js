/** Applies the server's reply: verdicts, feed rows, cursor and epoch in one transaction, so a crash leaves all or nothing. */

import { db } from "../store/db.js";
import { feedOf } from "../store/feed.js";
import { Robbed } from "../store/leases.js";
import { changed } from "../store/live.js";
import { ASIDE_MS } from "../store/moments.js";
import { KEPT_MS } from "../store/outbox.js";
import { ownKey } from "../store/settings.js";

/** An event that the server left out of its results is asked about again after this. */
const SILENCE_MS = 60_000;

/** @type {Record<string, OutboxState>} */
const STATES = { ok: "accepted", rejected: "declined", hold: "received" };

/**
 * @typedef {import("idb").IDBPTransaction<import("../store/db.js").Schema, ("device" | "outbox" | "feed" | "cursors" | "settings" | "leases" | "relay")[], "readwrite">} Tx
 *
 * Where the question was asked from.
 * @typedef {{epoch: string | null, cursors: Record<string, number>}} Asked
 */

/**
 * A reply may come late: the tab froze between question and answer, and another one asked meanwhile. So nothing here
 * may turn back what is newer: not an epoch, not a cursor, not a row, not a final verdict.
 * @param {SyncReply} reply
 * @param {{learner: string, sent: OutboxItem[], now: number, asked?: Asked, guard?: {name: string, holder: string}}} about
 * @throws {Robbed} when another cycle has taken over; then nothing was applied
 */
export async function applyReply(reply, { learner, sent, now, asked, guard }) {
  const database = await db();
  const stores = /** @type {("device" | "outbox" | "feed" | "cursors" | "settings" | "leases" | "relay")[]} */ ([
    ...["device", "outbox", "feed", "cursors", "settings", "leases", "relay"],
  ]);
  const tx = database.transaction(stores, "readwrite", { durability: "strict" });
  // When anything below throws, the transaction must not commit what was put before.
  try {
    if (guard) await checkLease(tx, guard);
    // Removed from this phone meanwhile: nothing of theirs may come back.
    if (await tx.objectStore("device").get(learner)) await takeReply(tx, reply, { learner, sent, now, asked });
  } catch (error) {
    tx.done.catch(() => {});
    tx.abort();
    throw error;
  }
  await tx.done;
  changed("device", "outbox", "feed", "cursors", "settings");
}

/**
 * @param {Tx} tx
 * @param {SyncReply} reply
 * @param {{learner: string, sent: OutboxItem[], now: number, asked?: Asked}} about
 */
async function takeReply(tx, reply, { learner, sent, now, asked }) {
  const restored = await takeEpoch(tx, reply, { learner, asked });
  await takeVerdicts(tx, reply.results, sent, now);
  const part = reply.feeds?.[feedOf(learner)]; // none for a device that the server has not let in yet
  if (part && (!restored || part.reset)) await takeFeed(tx, part, { learner, now, asked, restored });
  await tx.objectStore("settings").put({ name: ownKey("synced_at", learner), value: now });
}

/**
 * @param {Tx} tx
 * @param {{name: string, holder: string}} guard
 */
async function checkLease(tx, { name, holder }) {
  if ((await tx.objectStore("leases").get(name))?.holder !== holder) throw new Robbed(name);
}

/**
 * A new epoch means a server restored from a backup: what it had acknowledged since may be gone, so send it again.
 * Which is 30 days old is reckoned from when we last heard the old server: who comes back after a long holiday may
 * be the only one who has what happened just before the backup was needed.
 * @param {Tx} tx
 * @param {SyncReply} reply
 * @param {{learner: string, asked?: Asked}} about
 * @returns {Promise<boolean>} true when the epoch changed
 */
async function takeEpoch(tx, reply, { learner, asked }) {
  const row = await tx.objectStore("device").get(learner);
  if (!row) return false;
  // Another cycle has seen a restored server since we asked: what the old one said may be gone.
  if (asked && row.epoch !== asked.epoch) throw new Robbed("epoch");
  const restored = Boolean(row.epoch) && row.epoch !== reply.epoch;
  await tx.objectStore("device").put({ ...row, epoch: reply.epoch, anchor: reply.anchor ?? row.anchor });
  if (restored) {
    await tx.objectStore("cursors").put({ feed: feedOf(learner), next: 0 });
    await sendAgain(tx, learner);
  }
  return restored;
}

/**
 * What the server had acknowledged in the 30 days before we last heard it goes once more; what is there already is
 * answered `dup`. What was recorded again under another id goes under that one alone.
 * @param {Tx} tx
 * @param {string} learner
 */
async function sendAgain(tx, learner) {
  const heard = Number((await tx.objectStore("settings").get(ownKey("synced_at", learner)))?.value ?? 0);
  for (const item of await tx.objectStore("outbox").index("learner").getAll(learner)) {
    const answered = item.state === "accepted" || item.state === "declined" || item.state === "received";
    const recent = (item.decided_at ?? heard) >= heard - KEPT_MS || item.type === "device.hello";
    if (answered && recent && !item.replaced) await tx.objectStore("outbox").put({ ...item, replay: true });
  }
  // The phones that made these may be gone for good: what we brought, we bring again.
  for (const item of await tx.objectStore("relay").getAll())
    if (item.state === "delivered") await tx.objectStore("relay").put({ ...item, state: "carried" });
}

/**
 * @param {Tx} tx
 * @param {Verdict[]} verdicts
 * @param {OutboxItem[]} sent
 * @param {number} now
 */
async function takeVerdicts(tx, verdicts, sent, now) {
  const byId = new Map(verdicts.map((verdict) => [verdict.id, verdict]));
  for (const [place, { id }] of sent.entries()) {
    const item = await tx.objectStore("outbox").get(id);
    // What the server could not even read has no id there; it stands in the place of its event.
    const verdict = byId.get(id) ?? (verdicts[place]?.id === "" ? verdicts[place] : silence(id));
    if (item) await tx.objectStore("outbox").put(judged(item, verdict, now));
  }
}

/**
 * @param {string} id
 * @returns {Verdict}
 */
function silence(id) {
  return { id, state: "later", retry_s: SILENCE_MS / 1000 };
}

/**
 * The item as the verdict leaves it.
 * @param {OutboxItem} item
 * @param {Verdict} verdict
 * @param {number} now
 * @returns {OutboxItem}
 */
export function judged(item, verdict, now) {
  const state = STATES[verdict.state === "dup" ? firstSaid(verdict) : verdict.state];
  const settled = item.state === "accepted" || item.state === "declined";
  // Decided meanwhile, by a reply that overtook this one.
  if (settled && !item.replay && (!state || state === "received")) return item;
  if (!state) return putOff(item, verdict, now);
  return {
    ...item,
    state,
    why: verdict.why || null,
    effect: verdict.effect ?? item.effect,
    appeal: verdict.appeal ?? state === "declined",
    replay: false,
    dismissed: item.dismissed || verdict.why === "withdrawn", // their own wish needs no second look
    aside_until: null,
    decided_at: state === "received" ? null : (item.decided_at ?? now),
  };
}

/**
 * @param {OutboxItem} item
 * @param {Verdict} verdict
 * @param {number} now
 * @returns {OutboxItem}
 */
function putOff(item, verdict, now) {
  const stored = item.replay || item.state === "received";
  return {
    ...item,
    ...(!stored && { state: "saved", why: verdict.why || null }),
    aside_until: now + Math.min((verdict.retry_s || 5) * 1000, ASIDE_MS),
  };
}

/** @param {Verdict} verdict */
function firstSaid(verdict) {
  return verdict.verdict ?? "ok";
}

/**
 * Take a page of the feed, if it begins where we stand: a page that was asked for from elsewhere would leave a gap.
 * A reset empties the feed and is the first of as many pages as there are; the others follow from its `next`. One that
 * ends before where we stand says that the server's history went back under its old name: somebody put an old database
 * in its place. (A reset after a long absence ends behind it.) Any page from the beginning empties the feed too: what is
 * here then is of a history that a restored server no longer has.
 * @param {Tx} tx
 * @param {FeedPart} part
 * @param {{learner: string, now: number, asked?: Asked, restored: boolean}} about
 */
async function takeFeed(tx, part, { learner, now, asked, restored }) {
  const feed = feedOf(learner);
  const cursor = (await tx.objectStore("cursors").get(feed))?.next ?? 0;
  if (asked && !restored && cursor !== (asked.cursors[feed] ?? 0)) return;
  if (part.reset || cursor === 0) await tx.objectStore("feed").delete(IDBKeyRange.bound([feed, ""], [feed, "\uffff"]));
  if (part.reset) await askAboutHolds(tx, learner);
  if (part.reset && part.next < cursor) await sendAgain(tx, learner);
  for (const { ver, key, op, row } of part.rows) {
    if (key.startsWith("verdict:")) await takeLateVerdict(tx, key.slice("verdict:".length), row, now);
    else if (op === "del") await tx.objectStore("feed").delete([feed, key]);
    else await tx.objectStore("feed").put({ feed, key, ver, row });
  }
  await tx.objectStore("cursors").put({ feed, next: part.reset ? part.next : Math.max(cursor, part.next) });
}

/**
 * How a hold ended may be among what the feed has forgotten; who sends it again is told.
 * @param {Tx} tx
 * @param {string} learner
 */
async function askAboutHolds(tx, learner) {
  for (const item of await tx.objectStore("outbox").index("learner").getAll(learner))
    if (item.state === "received") await tx.objectStore("outbox").put({ ...item, replay: true });
}

/**
 * Verdicts come in the feed too: the end of a hold, or what a lost reply had said.
 * @param {Tx} tx
 * @param {string} id
 * @param {Verdict | undefined} row
 * @param {number} now
 */
async function takeLateVerdict(tx, id, row, now) {
  const item = row && (await tx.objectStore("outbox").get(id));
  if (item && row.state !== "later") await tx.objectStore("outbox").put(judged(item, row, now));
}
