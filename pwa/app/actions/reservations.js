/** Places at sessions: asked for, given back, and what the phone knows of them before the server has answered. */

import { feed } from "../store/feed.js";
import { outbox } from "../store/outbox.js";
import { changeOwnSetting, ownSetting } from "../store/settings.js";
import { record } from "./record.js";

/**
 * A session as this phone remembers it, to show what was asked for.
 * @typedef {{occurrence: string, title: string, url: string, starts: number, ends: number}} KnownSession times in ms
 *
 * none: no place, and none asked for · asked: not sure yet · giving: given back, not sent yet · refused: see `why` ·
 * called_off: by the organiser, see `reason`
 * @typedef {{state: "none" | "asked" | "reserved" | "giving" | "refused" | "called_off", item?: OutboxItem, why?: string | null, reason?: string}} Standing
 * @typedef {Standing & KnownSession & {place?: InLanguages, titles?: InLanguages, slug?: string}} Reservation titles, slug: what the server says, instead of title and url
 */

/**
 * Ask for a place. Name and picture go along only if the learner agreed.
 * @param {KnownSession} session
 * @param {{name: string, picture: string} | null} shown
 * @param {import("../store/device.js").Turn} [begun]
 */
export async function reserve(session, shown, begun) {
  const body = { occurrence: session.occurrence, name: shown?.name ?? "", picture: shown?.picture ?? "" };
  await record("session.reserve", body, { begun });
  await changeOwnSetting("known_sessions", (before = {}) => ({ ...before, [session.occurrence]: session }));
}

/**
 * @param {string} occurrence
 * @param {import("../store/device.js").Turn} [begun]
 */
export function giveBack(occurrence, begun) {
  return record("session.cancel", { occurrence }, { begun });
}

/**
 * How the learner at work stands with a session.
 * @param {string} occurrence
 * @returns {Promise<Standing>}
 */
export async function standingAt(occurrence) {
  const [rows, items] = await Promise.all([feed(), outbox()]);
  return standing(occurrence, rows.find(({ key }) => key === `session:${occurrence}`)?.row, items);
}

/**
 * Those of the learner at work that are still to come, the next first, also when they were called off.
 * @param {number} now ms
 * @returns {Promise<Reservation[]>}
 */
export async function comingReservations(now) {
  const [rows, items] = await Promise.all([feed(), outbox()]);
  /** @type {Record<string, KnownSession>} */
  const known = (await ownSetting("known_sessions")) ?? {};
  /** @type {Map<string, SessionRow>} */
  const said = new Map(rows.filter(({ key }) => key.startsWith("session:")).map(({ row }) => [row.occurrence, row]));
  const all = [...new Set([...Object.keys(known), ...said.keys()])].map((id) => {
    const row = said.get(id);
    const facts = row ? { occurrence: id, title: "", url: "", starts: row.starts, ends: row.ends, place: row.place, titles: row.title, slug: row.slug } : known[id];
    return { ...facts, ...standing(id, row, items) };
  });
  return all.filter(({ state, ends }) => state !== "none" && ends > now).sort((a, b) => a.starts - b.starts);
}

/**
 * @param {string} occurrence
 * @param {SessionRow | undefined} row
 * @param {OutboxItem[]} items newest first
 * @returns {Standing}
 */
export function standing(occurrence, row, items) {
  if (row?.state === "called_off") return { state: "called_off", reason: row.reason };
  const item = items.find(({ type, body }) => /^session\.(reserve|cancel)$/.test(type) && body.occurrence === occurrence);
  const isOlder = item && row && item.state === "accepted" && Date.parse(row.at) > item.at;
  if (!item || isOlder) return { state: row?.state === "reserved" ? "reserved" : "none" };
  const asks = item.type === "session.reserve";
  if (item.state === "accepted") return { state: asks ? "reserved" : "none", item };
  // Refused: what the server says besides holds, such as a place that was reserved before.
  if (item.state === "declined" && row?.state === "reserved") return { state: "reserved", item };
  if (item.state === "declined") return asks && !item.dismissed ? { state: "refused", why: item.why, item } : { state: "none", item };
  return { state: asks ? "asked" : "giving", item };
}
