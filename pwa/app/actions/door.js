/** Opening a session's door on this phone, and keeping what the server says of it at hand. */

import { language } from "../i18n.js";
import { compareClock } from "../store/clock.js";
import { device } from "../store/device.js";
import { changeDoor, door, doors } from "../store/doors.js";
import { everyItem } from "../store/everyone.js";
import { isDoorWork, isUnsent, itemsOf } from "../store/outbox.js";
import { putSetting, setting } from "../store/settings.js";
import { getDoor, Later, Offline, Rejected } from "../sync/api.js";
import { sign } from "../sync/keys.js";
import { report } from "../sync/status.js";
import { requestSync } from "../sync/triggers.js";
import { viewOf } from "./door-view.js";
import { record } from "./record.js";

/** Ask for so long in the past at most: an opening that nobody answered is of no session any more. */
const FORGOTTEN_MS = 7 * 24 * 3600_000;

/** People may be let in from so long before a session; see sync/README.md. */
const EARLY_MS = 2 * 3600_000;

/** @type {Promise<void> | null} */
let following = null;
let again = false;
/** Before this moment the server does not want to be asked, ms. */
let notBefore = 0;

/**
 * Open the door behind a link. The secret is kept in the event alone, so that it can be sent later.
 * @param {string} link "{link id}.{secret}"
 * @returns {Promise<OutboxItem>}
 */
export async function openDoor(link) {
  const same = (await allOpenings()).find(({ body, state }) => body.link === link && state !== "declined");
  return same ?? record("door.open", { link });
}

/**
 * Openings that have not led to a door yet, the newest first: they wait for a network, or were refused.
 * @returns {Promise<OutboxItem[]>}
 */
export async function openings() {
  const known = new Set((await doors()).map(({ occurrence }) => occurrence));
  return (await allOpenings()).filter(({ dismissed, effect }) => !dismissed && !known.has(effect?.occurrence));
}

/** Of everybody on this phone, the newest first. */
async function allOpenings() {
  const recent = (/** @type {OutboxItem} */ { type, replaced, at }) => type === "door.open" && !replaced && at > Date.now() - FORGOTTEN_MS;
  return (await everyItem()).filter(recent).sort((a, b) => b.at - a.at);
}

/** Learn all that is new: which openings are answered, and what happened at each door. One at a time, and once more for who asks meanwhile. */
export function followDoors() {
  if (following) again = true;
  following ??= untilFollowed();
  return following;
}

async function untilFollowed() {
  try {
    do {
      again = false;
      await follow();
    } while (again);
  } finally {
    following = null;
  }
}

async function follow() {
  if ((await everyItem()).some((item) => isUnsent(item) && (isDoorWork(item) || item.type.startsWith("door.")))) await requestSync();
  for (const { id, learner, effect } of await opened()) {
    const before = await door(effect.occurrence);
    if (before?.closed && before.opened === id) continue;
    await refreshDoor({ occurrence: effect.occurrence, learner, opened: id });
  }
}

/** Openings that the server accepted; of several for one door the last. */
async function opened() {
  const accepted = (await allOpenings()).filter(({ effect }) => effect?.occurrence);
  return [...new Map(accepted.reverse().map((item) => [item.effect.occurrence, item])).values()];
}

/**
 * Fetch a door, if the server can be reached; what is kept stays when it cannot.
 * @param {Pick<Door, "occurrence" | "learner" | "opened">} which
 */
async function refreshDoor({ occurrence, learner, opened }) {
  if (Date.now() < notBefore) return;
  const [row, kept] = [await device(learner), await door(occurrence)];
  if (!row) return;
  const asked = Date.now();
  try {
    const said = await getDoor({ occurrence, lang: language() }, { device: row.device, sign: (bytes) => sign(row.keys, bytes) }, kept?.etag ?? null);
    const fetched_at = Date.now();
    report({ online: true });
    await compareClock(said?.reply.now, asked, fetched_at);
    await changeDoor(occurrence, (before) => {
      if (said) return { ...before, occurrence, learner, opened, ...said, fetched_at, closed: false, suspended: false };
      return before && { ...before, opened, fetched_at, closed: false, suspended: false };
    });
  } catch (error) {
    if (error instanceof Offline) report({ online: false });
    if (error instanceof Later) notBefore = Date.now() + error.ms;
    else if (error instanceof Rejected && error.problem.code === "door_closed") await close(occurrence, { closed: true });
    else if (error instanceof Rejected && error.problem.code === "door_suspended") await close(occurrence, { suspended: true });
    else if (!(error instanceof Offline)) console.warn("door", error);
  }
}

/** @param {string} occurrence @param {{closed: true} | {suspended: true}} why a suspended one is asked for again */
function close(occurrence, why) {
  return changeDoor(occurrence, (before) => before && { ...before, ...why });
}

/**
 * What the opener of a door did at it, oldest first.
 * @param {Door} door
 * @returns {Promise<OutboxItem[]>}
 */
export async function doneAt({ occurrence, learner, reply }) {
  const items = (await itemsOf(learner)).filter((item) => !item.replaced && isDoorWork(item));
  const confirmed = items.filter(({ type, body }) => type === "checkin.confirm" && body.occurrence === occurrence);
  const known = new Set([...confirmed.flatMap(({ id, effect }) => [id, effect?.entry]), ...reply.entries.map(({ id }) => id)]);
  const undone = items.filter(({ type, body }) => type === "checkin.undo" && known.has(body.entry ?? body.event));
  return [...confirmed, ...undone].sort((a, b) => a.seq - b.seq);
}

/**
 * Let somebody in. It is kept on this phone before this resolves.
 * @param {Door} door
 * @param {{pass: string} | {learner: string} | {guest: string}} who
 * @param {"over" | "old" | null} [local] what was odd about it
 * @returns {Promise<OutboxItem>}
 */
export function letIn({ occurrence, learner, opened }, who, local = null) {
  return record("checkin.confirm", { occurrence, ...who }, { needs: [opened], local, begun: { learner } });
}

/**
 * Take somebody out again: with all that doors said of them, or before the server knows of it what this door said.
 * @param {Door} door
 * @param {{entry?: string | null, event: string | null}} row
 */
export function takeBack({ learner, opened }, { entry, event }) {
  const needs = entry || !event ? [opened] : [opened, event];
  return record("checkin.undo", entry ? { entry } : { event }, { needs, begun: { learner } });
}

/** Does this phone make sounds at doors? @returns {Promise<boolean>} */
export const isLoud = async () => (await setting("door_sound")) !== false;

/** @param {boolean} loud */
export const setLoud = (loud) => putSetting("door_sound", loud);

/**
 * Why nothing that is done at this door now would count, if so.
 * @param {Door} door
 * @param {number} [now] ms, by the server's clock
 * @returns {"cancelled" | "over" | "suspended" | "early" | null} over: the link has ended or was withdrawn
 */
export function shutBy({ closed, suspended, reply, offset }, now = Date.now() + offset) {
  if (reply.occurrence.cancelled) return "cancelled";
  if (closed || now > reply.until) return "over";
  if (suspended) return "suspended";
  return now < opensAt(reply) ? "early" : null;
}

/** @param {DoorReply} reply @returns {number} ms */
export const opensAt = ({ occurrence }) => occurrence.starts - EARLY_MS;

/**
 * A door with everybody at it, as its screen shows it.
 * @param {string} occurrence
 * @returns {Promise<{door: Door, view: import("./door-view.js").View} | null>}
 */
export async function lookAtDoor(occurrence) {
  const found = await door(occurrence);
  if (!found) return null;
  const own = (await device(found.learner))?.device ?? null;
  return { door: found, view: viewOf(found, await doneAt(found), own) };
}
