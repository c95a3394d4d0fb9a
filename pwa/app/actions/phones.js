/** A learner's phones: their names, when they were last here, and locking one out. */

import { device } from "../store/device.js";
import { feed } from "../store/feed.js";
import { isUnsent, outbox } from "../store/outbox.js";
import { agent } from "../sync/events.js";
import { record } from "./record.js";

/**
 * A phone as the page shows it; times in ms. `asked`: what was said of it here and is not sent yet.
 * @typedef {{device: string, name: string, agent: string, since: number, seen: number, revoked: number | null, isThis: boolean, asked: boolean}} MyPhone
 */

/**
 * This phone first, then the others as they came, those that are locked out last.
 * @returns {Promise<MyPhone[]>} none when nobody is at work
 */
export async function phones() {
  const own = await device();
  if (!own) return [];
  const told = (await feed()).filter(({ key }) => key.startsWith("device:")).map(({ row }) => ({ ...row, isThis: row.device === own.device, asked: false }));
  const mine = { device: own.device, name: "", agent: agent(), since: own.created_at, seen: Date.now(), revoked: null, isThis: true, asked: false };
  const all = told.some(({ isThis }) => isThis) ? told : [mine, ...told];
  const said = (await outbox()).filter(isUnsent).sort((a, b) => a.seq - b.seq);
  return said.reduce(withWord, all).sort(byPlace);
}

/**
 * @param {MyPhone[]} all
 * @param {OutboxItem} item
 */
function withWord(all, { type, at, body }) {
  const word = type === "device.name" ? { name: body.name } : type === "device.revoke" ? { revoked: at } : null;
  return word ? all.map((one) => (one.device === body.device ? { ...one, ...word, asked: true } : one)) : all;
}

/** @param {MyPhone} a @param {MyPhone} b */
const byPlace = (a, b) => Number(Boolean(a.revoked)) - Number(Boolean(b.revoked)) || Number(b.isThis) - Number(a.isThis) || a.since - b.since;

/** @param {string} id @param {string} name */
export const namePhone = (id, name) => record("device.name", { device: id, name });

/** For good: what it has not sent yet does not count any more. @param {string} id */
export const lockOut = (id) => record("device.revoke", { device: id });
