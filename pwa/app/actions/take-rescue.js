/** Takes somebody's rescue file: checks it, keeps what it holds, and lets the next cycle bring it to the server. */

import { isFull } from "../store/ballast.js";
import { sha256 } from "../store/blobs.js";
import { dbIfAny } from "../store/db.js";
import { isWork } from "../store/outbox.js";
import { carry, carryFile } from "../store/relay.js";
import { fromBase64url } from "../sync/bytes.js";
import { requestSync } from "../sync/triggers.js";
import { inRoom } from "./reserve.js";

const MOST_BYTES = 400 * 1024 * 1024;
const MOST_EVENT = 250 * 1024;
const MOST_EVENTS = 50_000;
const MOST_SIGNATURES = 1_000;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const HASH = /^[0-9a-f]{64}$/;
const SIGNATURE = /^[A-Za-z0-9_-]{86}$/;
const CALL = /^(PUT|HEAD|PATCH) \d{1,12}$/;

/**
 * Why a file was not taken: form: it is no rescue file · newer: made by a newer app · elsewhere: made for another
 * city's server · large · full: this phone has no room for it.
 */
export class NotTaken extends Error {
  /** @param {"form" | "newer" | "elsewhere" | "large" | "full"} why */
  constructor(why) {
    super(why);
    this.why = why;
  }
}

/**
 * things: what people did, and is new here · known: what was here already · damaged: what could not be read ·
 * from, to: between which moments it was done, ms
 * @typedef {{things: number, people: number, known: number, damaged: number, from: number, to: number}} Taken
 */

/**
 * Keep what a rescue file holds. What is here already is not taken twice.
 * @param {Blob} file
 * @returns {Promise<Taken>}
 * @throws {NotTaken} and then nothing here has changed
 */
export async function importRescue(file) {
  if (file.size > MOST_BYTES) throw new NotTaken("large");
  const content = read(await file.text());
  const found = content.devices.flatMap(eventsIn);
  const sound = found.filter((item) => item !== null);
  const fresh = await notHere(sound);
  try {
    await keep(fresh, content.devices);
  } catch (error) {
    throw isFull(error) ? new NotTaken("full") : error;
  }
  void requestSync();
  return summary(fresh, sound, found.length - sound.length);
}

/**
 * @param {string} text
 * @returns {{devices: any[]}}
 */
function read(text) {
  let content;
  try {
    content = JSON.parse(text);
  } catch {
    throw new NotTaken("form");
  }
  if (content?.streetwise !== "rescue" || !Array.isArray(content.devices)) throw new NotTaken("form");
  if (content.v !== 1) throw new NotTaken("newer");
  if (content.origin !== location.origin) throw new NotTaken("elsewhere");
  const devices = objectsIn(content.devices);
  if (devices.flatMap((one) => one.events).length > MOST_EVENTS) throw new NotTaken("large");
  return { devices };
}

/**
 * @param {unknown} list
 * @returns {any[]}
 */
const objectsIn = (list) => (Array.isArray(list) ? list.filter((one) => one && typeof one === "object") : []);

/**
 * @param {any} part of one device
 * @returns {(RelayItem | null)[]} null for what cannot be read
 */
function eventsIn(part) {
  return Array.isArray(part.events) ? part.events.map((/** @type {any} */ one) => itemOf(one, part)) : [];
}

/**
 * @param {any} signed
 * @param {any} part
 * @returns {RelayItem | null}
 */
function itemOf(signed, part) {
  const { p, s } = signed ?? {};
  if (typeof p !== "string" || p.length > MOST_EVENT || !SIGNATURE.test(s)) return null;
  try {
    const { v, id, learner, device, seq, type, at, blobs = [] } = JSON.parse(new TextDecoder().decode(fromBase64url(p)));
    const reads = v === 1 && [id, learner, device].every((one) => UUID.test(one)) && Number.isInteger(seq);
    const names = Array.isArray(blobs) && blobs.length <= 10 && blobs.every((blob) => HASH.test(blob?.sha256));
    const fits = device === part.device && learner === part.learner && names;
    if (!reads || !fits || typeof type !== "string" || !Number.isFinite(at?.wall)) return null;
    const facts = { id, learner, device, seq, type: /** @type {EventType} */ (type), at: at.wall, blobs, p, s };
    return { ...facts, state: "carried", why: null, tries: 0, aside_until: null, taken_at: Date.now() };
  } catch {
    return null;
  }
}

/**
 * Without what this phone carries already, and without its own: that it sends by itself.
 * @param {RelayItem[]} items
 */
async function notHere(items) {
  const database = await dbIfAny();
  if (!database) return items;
  const here = new Set([...(await database.getAllKeys("relay")), ...(await database.getAllKeys("outbox"))]);
  return items.filter((item) => !here.has(item.id));
}

/**
 * Files first, one by one: the events that stand for them come last, so a break in between leaves nothing half taken.
 * @param {RelayItem[]} items
 * @param {any[]} devices
 */
async function keep(items, devices) {
  const named = new Set(items.flatMap((item) => item.blobs.map((blob) => `${item.device} ${blob.sha256}`)));
  for (const { device, blobs } of devices)
    for (const raw of objectsIn(blobs)) {
      const blob = named.has(`${device} ${raw.sha256}`) && (await blobOf(raw, device));
      raw.bytes = ""; // read: give its room back
      if (blob) await inRoom([blob], () => carryFile(blob));
    }
  if (items.length) await inRoom([], () => carry(items));
}

/**
 * @param {any} raw
 * @param {string} device
 * @returns {Promise<RelayBlob | null>} null when it is damaged: its event goes without it
 */
async function blobOf({ sha256: hash, size, mime, bytes: text, signatures }, device) {
  const calls = Object.entries(signatures ?? {});
  const signed = calls.length <= MOST_SIGNATURES && calls.every(([call, one]) => CALL.test(call) && SIGNATURE.test(one));
  if (!HASH.test(hash) || typeof mime !== "string" || typeof text !== "string" || !signed) return null;
  try {
    const { buffer: bytes } = fromBase64url(text);
    if (bytes.byteLength !== size || (await sha256(bytes)) !== hash) return null;
    return { device, sha256: hash, size, mime, bytes, signatures, state: "carried" };
  } catch {
    return null;
  }
}

/**
 * @param {RelayItem[]} fresh
 * @param {RelayItem[]} sound
 * @param {number} damaged
 * @returns {Taken}
 */
function summary(fresh, sound, damaged) {
  const work = fresh.filter(isWork);
  const moments = work.map((item) => item.at);
  return {
    things: work.length,
    people: new Set(work.map((item) => item.learner)).size,
    known: sound.filter(isWork).length - work.length,
    damaged,
    from: Math.min(...moments),
    to: Math.max(...moments),
  };
}
