/** What the learner did here and what became of it. Only a durable answer of the server moves an item on. */

import { db, dbIfAny } from "./db.js";
import { learnerId } from "./device.js";
import { feed } from "./feed.js";
import { changed } from "./live.js";
import { ASIDE_MS, isAhead } from "./moments.js";

/** How long an answered item is kept, for the history and for a server restored from a backup. */
export const KEPT_MS = 30 * 24 * 3600 * 1000;

/** Types that the learner need not see as work of theirs. */
const SILENT = /^(device|door|award|badges|collection|link|portfolio|endorsement|event|learner)\./;

/** @param {OutboxItem} item */
export const isUnsent = (item) =>
  item.state === "saved" || item.state === "sending" || item.state === "aside";

/** The event has arrived and its file has not: it is no time to close the phone. */
export const lacksFile = (/** @type {OutboxItem} */ item) => item.state === "received" && item.why === "blob_missing";

/** Done at a door for others: it is shown there, and among one's own only while it waits or was refused. @param {Pick<OutboxItem, "type">} item */
export const isDoorWork = ({ type }) => type === "checkin.confirm" || type === "checkin.undo";

/** @param {Pick<OutboxItem, "type">} item */
export const isWork = (item) => !SILENT.test(item.type);

/** The server has not got it whole: never had it, or was restored and forgot it. @param {OutboxItem} item */
export const isOnlyHere = (item) => !item.replaced && (isUnsent(item) || lacksFile(item) || item.replay);

/** A thing that a learner did and that is still to be sent. @param {OutboxItem} item */
export const isWaiting = (item) => isOnlyHere(item) && isWork(item);

/** Its reviewer asked for more, or did not take it: the event is accepted, the work is not. @param {OutboxItem} item */
export const isSentBack = ({ state, effect }) => state === "accepted" && /^(improve|declined)$/.test(effect?.state);

/**
 * What the learner has to look at: refused, lost, or sent back and not handed in again since.
 * @param {OutboxItem[]} items of one learner
 */
export const needing = (items) =>
  items.filter((item) => {
    if (item.dismissed) return false;
    if (isSentBack(item)) return !items.some(({ at, body }) => at > item.at && body.task === item.body.task);
    return item.state === "declined" ? isWork(item) : item.type === "event.lost";
  });

/**
 * All items of a learner, newest first; of what had to be recorded again only the last.
 * @param {string} [whose] the one at work when not given
 * @returns {Promise<OutboxItem[]>}
 */
export async function outbox(whose) {
  const learner = whose ?? (await learnerId());
  const items = (learner ? await itemsOf(learner) : []).filter((item) => !item.replaced).sort((a, b) => b.seq - a.seq);
  if (!items.some(leansOnDoor)) return items;
  const rows = await feed(learner ?? undefined);
  return items.map((item) => (isTakenOut(item, rows) ? { ...item, state: "declined", why: "undone" } : item));
}

/**
 * Does an accepted scan count by what a door said? A door's answer does, and a scan that was no new check-in may.
 * @param {OutboxItem} item
 */
const leansOnDoor = ({ type, state, body, replay, effect }) =>
  type === "checkin.scan" && state === "accepted" && !replay && (body.proof?.[0] === "5" || Boolean(effect?.occurrence && effect.already));

/**
 * Did the door take its word back after the server had accepted what leant on it? The check-in is gone then, and no organiser
 * voided it: of that the learner reads elsewhere. Whichever phone was online first, the learner reads the same.
 * @param {OutboxItem} item
 * @param {FeedRow[]} rows
 */
function isTakenOut(item, rows) {
  const { activity, occurrence } = item.effect ?? {};
  const stays = (/** @type {FeedRow} */ { key, row }) => key === `checkin:${activity}:${occurrence}` || (key.startsWith("flag:") && row.activity === activity && row.state === "voided");
  return leansOnDoor(item) && Boolean(occurrence) && !rows.some(stays);
}

/**
 * @param {string} id
 * @returns {Promise<OutboxItem | undefined>} the newest form of it, when it had to be recorded again
 */
export async function outboxItem(id) {
  const item = await (await dbIfAny())?.get("outbox", id);
  return item?.replaced ? outboxItem(item.replaced) : item;
}

/**
 * How many things that the learner at work did has the server not got yet.
 * @returns {Promise<number>}
 */
export async function waitingCount() {
  return (await outbox()).filter(isWaiting).length;
}

/**
 * How many things of the others on this device has the server not got yet.
 * @returns {Promise<number>}
 */
export async function othersWaiting() {
  const learner = await learnerId();
  const all = (await (await dbIfAny())?.getAll("outbox")) ?? [];
  return all.filter((item) => item.learner !== learner && isWaiting(item)).length;
}

/**
 * All items of one learner, in no order.
 * @param {string} learner
 * @returns {Promise<OutboxItem[]>}
 */
export async function itemsOf(learner) {
  return (await (await dbIfAny())?.getAllFromIndex("outbox", "learner", learner)) ?? [];
}

/**
 * The order in which a device's events go out: that of its chain, but the newest hello first, for it lets the others in.
 * @param {{type: EventType, seq: number}} a
 * @param {{type: EventType, seq: number}} b
 */
export function bySending(a, b) {
  const [one, two] = [a, b].map(({ type, seq }) => (type === "device.hello" ? seq : 0));
  return two - one || a.seq - b.seq;
}

/**
 * What a cycle should send, in that order; what was put off only when its time has come.
 * @param {string} learner
 * @param {number} now ms
 * @returns {Promise<OutboxItem[]>}
 */
export async function toSend(learner, now) {
  const due = (await itemsOf(learner)).filter(
    (item) => (item.replay || isUnsent(item)) && !isAhead(item.aside_until, now, ASIDE_MS),
  );
  return due.sort(bySending);
}

/**
 * Change items in one transaction; `change` gets each and returns it changed, or null to leave it.
 * @param {string[]} ids
 * @param {(item: OutboxItem) => OutboxItem | null} change
 */
export async function changeItems(ids, change) {
  const tx = (await db()).transaction("outbox", "readwrite", { durability: "strict" });
  for (const id of ids) {
    const item = await tx.store.get(id);
    const next = item && change(item);
    if (next) await tx.store.put(next);
  }
  await tx.done;
  changed("outbox");
}
