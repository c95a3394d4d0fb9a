/**
 * Who is in: what this phone's door did, joined with what the server says of all doors. Pure. Where the two differ,
 * both are kept: `here` is the door's word, `why` the server's reason.
 */

import { readPass } from "./passes.js";

/**
 * in: let in, or came by their own phone · expected: has reserved · undone: taken back at a door · removed: the city
 * took it back later · refused: let in here, and the server does not count it
 * @typedef {"in" | "expected" | "undone" | "removed" | "refused"} RowState
 *
 * where: at this door, at another one, at both, or by their own phone
 * sent: saved: only on this phone yet · held: the server decides later · confirmed
 * @typedef {object} Row
 * @property {string} key
 * @property {string | null} learner
 * @property {string[]} devices of theirs, as far as this phone knows them
 * @property {string | null} event that let them in
 * @property {string | null} entry on the server's list, by which all doors' confirmations are taken back
 * @property {string} name
 * @property {string} picture
 * @property {DoorEntry["way"] | null} way
 * @property {number | null} at ms
 * @property {"here" | "other" | "both" | "own" | null} where
 * @property {RowState} state
 * @property {boolean} over beyond the capacity, to be reviewed
 * @property {"saved" | "held" | "confirmed"} sent
 * @property {string | null} why
 * @property {boolean} keptIn somebody wanted to take it back, and the server said no
 *
 * @typedef {{rows: Row[], count: number, capacity: number | null, full: boolean, expected: number, over: number, refused: number, unsent: number}} View
 */

/**
 * @param {Pick<Door, "reply" | "fetched_at">} door
 * @param {OutboxItem[]} items what this phone did at it, oldest first; see doneAt
 * @param {string | null} [own] this phone's device at the door
 * @returns {View}
 */
export function viewOf({ reply, fetched_at }, items, own = null) {
  /** @type {Row[]} */
  const rows = reply.entries.map((entry) => ofServer(entry, own));
  for (const item of items) {
    if (item.type === "checkin.undo") takeBackIn(rows, item, fetched_at);
    else letInTo(rows, item, { reply, fetched_at });
  }
  const known = new Set(rows.flatMap(({ learner }) => learner ?? []));
  const waiting = reply.expected.filter(({ learner }) => !known.has(learner)).map(ofExpected);
  return countUp([...rows, ...waiting], reply.occurrence.capacity, items);
}

/**
 * @param {Row[]} rows
 * @param {number | null} capacity
 * @param {OutboxItem[]} items
 * @returns {View}
 */
function countUp(rows, capacity, items) {
  const count = (/** @type {(row: Row) => boolean} */ which) => rows.filter(which).length;
  const inside = count(({ state }) => state === "in");
  return {
    rows: rows.sort(byNewest),
    count: inside,
    capacity,
    full: capacity !== null && inside >= capacity,
    expected: count(({ state }) => state === "expected"),
    over: count(({ state, over }) => state === "in" && over),
    refused: count(({ state }) => state === "refused" || state === "removed"),
    unsent: items.filter(({ state }) => state === "saved" || state === "sending" || state === "aside").length,
  };
}

/** Those who came last stand first; who is still expected comes after them, by name. @param {Row} a @param {Row} b */
const byNewest = (a, b) => (b.at ?? 0) - (a.at ?? 0) || a.name.localeCompare(b.name);

/**
 * Who is in already, by the pass that is held before the camera?
 * @param {View} view
 * @param {string} device of the pass
 * @returns {Row | undefined}
 */
export const rowOfPass = ({ rows }, device) => rows.find((row) => row.devices.includes(device) && row.state === "in");

/**
 * @param {DoorEntry} entry
 * @param {string | null} own
 * @returns {Row}
 */
function ofServer({ id, learner, devices, event, name, picture, way, at, over, state, why, by }, own) {
  const isOwn = way === "scan" || way === "receipt";
  const where = isOwn ? "own" : by === own ? "here" : "other";
  const who = { learner, devices: [...devices], name, picture };
  const entry = isOwn ? null : id;
  return { ...who, key: id, event, entry, way, at, where, state: state === "voided" ? "removed" : state, over, sent: "confirmed", why: why || null, keptIn: false };
}

/**
 * @param {DoorReply["expected"][number]} one
 * @returns {Row}
 */
function ofExpected(one) {
  const blank = { event: null, entry: null, way: null, at: null, where: null, over: false, why: null, keptIn: false };
  return { ...blank, ...one, key: `expected:${one.learner}`, state: "expected", sent: "confirmed" };
}

/**
 * @param {Row[]} rows
 * @param {OutboxItem} item
 * @param {Pick<Door, "reply" | "fetched_at">} door
 */
function letInTo(rows, item, { reply, fetched_at }) {
  const mine = ofItem(item, reply);
  const found = rows.find((row) => isSame(row, mine));
  if (!found) return void rows.push(mine);
  found.devices.push(...mine.devices);
  found.learner ??= mine.learner;
  found.name ||= mine.name;
  found.picture ||= mine.picture;
  // Two doors may let the same person in, or one door twice: one row, which says so.
  if (found.event !== mine.event && found.state === "in" && mine.state === "in") return void joinDoors(found);
  settle(found, mine, item, fetched_at);
}

/** @param {Row} row */
function joinDoors(row) {
  if (row.where === "other") row.where = "both";
}

/**
 * The server's word stands, unless this phone's is newer than what the server was last heard to say.
 * @param {Row} row
 * @param {Row} mine
 * @param {OutboxItem} item
 * @param {number} fetched_at
 */
function settle(row, mine, item, fetched_at) {
  if (mine.event !== row.event) {
    if (mine.state === "in" && isNewer(item, fetched_at)) Object.assign(row, { ...mine, key: row.key, learner: row.learner, devices: row.devices });
  } else if (mine.state === "refused") Object.assign(row, { state: "refused", why: mine.why });
}

/** @param {OutboxItem} item @param {number} fetched_at */
const isNewer = ({ decided_at }, fetched_at) => decided_at === null || decided_at > fetched_at;

/**
 * @param {Row} row
 * @param {Row} mine
 */
function isSame(row, mine) {
  if (row.event === mine.event) return true;
  if (row.learner && row.learner === mine.learner) return true;
  return row.devices.some((device) => mine.devices.includes(device));
}

/**
 * @param {OutboxItem} item
 * @param {DoorReply} reply
 * @returns {Row}
 */
function ofItem({ id, body, at, device, state, effect, why, local }, reply) {
  const pass = body.pass ? readPass(body.pass) : null;
  const known = reply.expected.find(({ learner, devices }) => learner === (effect?.learner ?? body.learner) || devices.includes(pass?.device ?? ""));
  const learner = effect?.learner ?? body.learner ?? known?.learner ?? null;
  return {
    key: id,
    learner,
    devices: pass ? [pass.device] : [],
    event: id,
    entry: effect?.entry ?? null,
    name: body.guest ?? (pass?.name || known?.name) ?? "",
    picture: (pass?.picture || known?.picture) ?? "",
    way: body.pass ? "pass" : body.learner ? "tick" : "guest",
    at,
    where: effect?.already && effect.by !== device ? "both" : "here",
    state: state === "declined" ? "refused" : "in",
    over: effect ? Boolean(effect.over) : local === "over",
    sent: state === "accepted" || state === "declined" ? "confirmed" : state === "received" ? "held" : "saved",
    why: why ?? null,
    keptIn: false,
  };
}

/**
 * @param {Row[]} rows
 * @param {OutboxItem} item
 * @param {number} fetched_at
 */
function takeBackIn(rows, item, fetched_at) {
  const { event, entry } = item.body;
  const row = rows.find((one) => (entry ? one.entry === entry : one.event === event));
  if (!row) return;
  if (item.state === "declined") row.keptIn = row.state === "in";
  else if (isNewer(item, fetched_at)) row.state = "undone";
}
