/**
 * Room on the phone: how much there is, what each saved playlist takes, and what would be at stake without it.
 *
 * Only files go, and each can be fetched again. What a learner did (outbox, files, drafts) is never touched.
 */

import { removeSavedPlaylist, savedPlaylists } from "../store/bundles.js";
import { everyItem, everyRow } from "../store/everyone.js";
import { forgetVisited } from "../store/kept-files.js";
import { isUnsent, isWork } from "../store/outbox.js";
import { playlistProgress } from "../store/progress.js";
import { putSetting, setting } from "../store/settings.js";
import { freedBy, sweep } from "./playlist-files.js";
import { recordForgotten } from "./playlists.js";

/** A finished playlist that nobody has used for so long may go by itself. */
export const UNUSED_MS = 60 * 24 * 3600_000;

const SLACK = 1.1;

/**
 * @typedef {object} KeptPlaylist
 * @property {SavedPlaylist} row
 * @property {number} size bytes that removing it alone would free, and that getting it back would cost
 * @property {number} usedAt ms: a page of it was opened, or work was done in it, by anybody on this phone
 * @property {number} unsent things done in it that are not sent yet; they stay whatever happens
 * @property {PlaylistProgress[]} begun how far each learner of this phone is who has begun it
 * @typedef {{id: string, title: string, lang: string, size: number}} Gone removed by itself; can be fetched again
 */

/**
 * The saved playlists, least recently used first.
 * @returns {Promise<KeptPlaylist[]>}
 */
export async function keptPlaylists() {
  const [rows, items, feed] = await Promise.all([savedPlaylists(), everyItem(), everyRow()]);
  const here = rows.filter((row) => row.bundle ?? row.next);
  const kept = here.map((row) => look(row, here, items.filter((item) => isAbout(item, row)), feed));
  return kept.sort((a, b) => a.usedAt - b.usedAt);
}

/**
 * @param {SavedPlaylist} row
 * @param {SavedPlaylist[]} rows
 * @param {OutboxItem[]} items about it
 * @param {FeedRow[]} feed of everyone
 * @returns {KeptPlaylist}
 */
function look(row, rows, items, feed) {
  const work = items.filter(isWork);
  return {
    row,
    size: freedBy(rows, new Set([row.id])),
    usedAt: Math.max(row.used_at ?? 0, row.saved_at ?? 0, ...work.map((item) => item.at)),
    unsent: work.filter(isUnsent).length,
    begun: learnersIn(items, feed).flatMap((learner) => progressOf(row, learner, items, feed)),
  };
}

/**
 * @param {OutboxItem} item
 * @param {SavedPlaylist} row
 */
function isAbout({ body }, { bundle, next }) {
  return Boolean((bundle ?? next)?.activities.some(({ id }) => id === body.activity));
}

/**
 * @param {OutboxItem[]} items
 * @param {FeedRow[]} feed
 */
function learnersIn(items, feed) {
  return [...new Set([...items.map((item) => item.learner), ...feed.map((row) => row.feed.replace("learner:", ""))])];
}

/**
 * @param {SavedPlaylist} row
 * @param {string} learner
 * @param {OutboxItem[]} items
 * @param {FeedRow[]} feed
 * @returns {PlaylistProgress[]} none when they have not begun
 */
function progressOf({ id, bundle, next }, learner, items, feed) {
  const { rules, activities } = /** @type {Bundle} */ (bundle ?? next);
  const rows = feed.filter((one) => one.feed === `learner:${learner}`);
  const mine = items.filter((one) => one.learner === learner);
  const progress = playlistProgress({ id, rules, activities }, rows, mine);
  return progress.state === "open" ? [] : [progress];
}

/**
 * Would anything be at stake if it went: somebody is in the middle, or something is not sent?
 * @param {KeptPlaylist} playlist
 */
export function isAtStake({ unsent, begun }) {
  return unsent > 0 || begun.some(({ state }) => state !== "done");
}

/**
 * Which playlists to offer when so much room is needed: the least recently used, and no more than it takes.
 * @param {KeptPlaylist[]} playlists least recently used first
 * @param {number} bytes
 * @param {string} [but] the one that the room is for
 * @returns {Set<string>} ids
 */
export function enoughFor(playlists, bytes, but) {
  const chosen = new Set(/** @type {string[]} */ ([]));
  for (const { row } of playlists)
    if (row.id !== but && freedAmong(playlists, chosen) < bytes) chosen.add(row.id);
  // One that came late may be large enough to spare those before it.
  for (const id of chosen) {
    const others = new Set([...chosen].filter((one) => one !== id));
    if (freedAmong(playlists, others) >= bytes) chosen.delete(id);
  }
  return chosen;
}

/**
 * Make room without asking: files that nobody needs, then pages that were visited, then playlists that are finished
 * and unused for long. Stops as soon as there is enough.
 * @param {number} bytes needed
 * @param {{saving?: string, now?: number}} [how] saving: the playlist that the room is for
 * @returns {Promise<boolean>} is there room now?
 */
export async function makeRoom(bytes, { saving, now = Date.now() } = {}) {
  if (await hasRoom(bytes)) return true;
  await sweep();
  if (await hasRoom(bytes)) return true;
  await forgetVisited();
  for (const kept of await keptPlaylists()) {
    if (await hasRoom(bytes)) return true;
    if (kept.row.id !== saving && mayGo(kept, now)) await letGo(kept);
  }
  return hasRoom(bytes);
}

/**
 * @param {KeptPlaylist} playlist
 * @param {number} now
 */
function mayGo(playlist, now) {
  const finished = playlist.begun.length > 0 && !isAtStake(playlist);
  return finished && playlist.row.state === "ready" && now - playlist.usedAt > UNUSED_MS;
}

/** @param {KeptPlaylist} playlist */
async function letGo({ row, size }) {
  const bundle = /** @type {Bundle} */ (row.bundle);
  await removeSavedPlaylist(row.id);
  await sweep();
  const gone = { id: row.id, title: bundle.playlist.title, lang: bundle.lang, size };
  await putSetting("gone_playlists", [...(await gonePlaylists()), gone]);
  await recordForgotten({ playlist: row.id, version: bundle.version });
}

/** What went by itself and has not been put away or fetched again. @returns {Promise<Gone[]>} */
export async function gonePlaylists() {
  const [gone, rows] = [/** @type {Gone[]} */ ((await setting("gone_playlists")) ?? []), await savedPlaylists()];
  return gone.filter(({ id }) => !rows.some((row) => row.id === id));
}

/** The person has seen it. */
export async function dismissGone() {
  await putSetting("gone_playlists", []);
}

/**
 * How much must go before so much fits; the browser wants some slack.
 * @param {number} bytes
 * @returns {Promise<number>} bytes; all of it where the browser does not tell
 */
export async function shortBy(bytes) {
  const { free } = await space();
  return free === null ? bytes : Math.max(0, Math.ceil(bytes * SLACK - free));
}

/**
 * @param {number} bytes
 * @returns {Promise<boolean>} also when the browser does not tell
 */
async function hasRoom(bytes) {
  const { free } = await space();
  return free === null || free >= bytes * SLACK;
}

/**
 * How full the browser's store for us is; null where it does not tell.
 * @returns {Promise<{used: number | null, free: number | null, lasting: boolean | null}>} lasting: promised not to be
 *   cleared by the browser itself
 */
export async function space() {
  const storage = globalThis.navigator?.storage;
  const { quota, usage } = (await storage?.estimate?.().catch(() => null)) ?? {};
  const lasting = (await storage?.persisted?.().catch(() => null)) ?? null;
  const known = quota !== undefined && usage !== undefined;
  return { used: usage ?? null, free: known ? Math.max(0, quota - usage) : null, lasting };
}

/** Ask the browser to keep what is here. @returns {Promise<boolean>} has it promised to? */
export async function askToLast() {
  return (await navigator.storage?.persist?.()) ?? false;
}

/**
 * How much room it would make to remove some of these.
 * @param {KeptPlaylist[]} playlists all of them
 * @param {Set<string>} ids
 * @returns {number} bytes
 */
export function freedAmong(playlists, ids) {
  return freedBy(
    playlists.map(({ row }) => row),
    ids,
  );
}
