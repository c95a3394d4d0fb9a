/** Saves playlists on the phone: file by file, each checked by its hash, and a new version only when it is whole. */

import { language } from "../i18n.js";
import { isFull } from "../store/ballast.js";
import { sha256 } from "../store/blobs.js";
import { changeSavedPlaylist, removeSavedPlaylist, savedPlaylist, savedPlaylists } from "../store/bundles.js";
import { keepFile, keptHashes } from "../store/kept-files.js";
import { getBundle, getFile, Later, Offline, Rejected } from "../sync/api.js";
import { prepareForOffline } from "./app-worker.js";
import { filesOf, sweep, total } from "./playlist-files.js";
import { recordForgotten, recordSaved } from "./playlists.js";
import { makeRoom } from "./room.js";

/** How many files are fetched at the same time. */
const ABREAST = 4;

/** A playlist is asked about at most this often when nobody asks for it. */
const CHECK_EVERY_MS = 5 * 60_000;

/** That a playlist is used is noted at most this often. */
const USED_EVERY_MS = 60_000;

/** How often a playlist is looked at anew while it keeps changing under us. */
const MOST_TRIES = 5;

/** A file is not what the manifest promised. */
class Damaged extends Error {}

/** The person pressed stop. */
class Stopped extends Error {}

/** The device has no room. */
class Full extends Error {}

/**
 * ready: all is here · busy: another tab is at it · else why not, as kept in the playlist's `problem`
 * @typedef {"ready" | "busy" | "stopped" | "offline" | "full" | "damaged" | "gone" | "failed"} Saved
 */

/**
 * How much would have to be fetched to save a playlist now; files that others share are here already.
 * @param {string} id
 * @returns {Promise<number>} bytes
 * @throws {Offline}
 */
export async function sizeToSave(id) {
  const reply = await getBundle(id, language());
  return total(await lacking(/** @type {{bundle: Bundle}} */ (reply).bundle));
}

/**
 * Save a playlist, or go on where it was stopped. How far it is stands in the store. It is ready when the worker has said
 * that it keeps the app too; where that says nothing, the row's `opens` stays false.
 * @param {string} id
 * @param {string} [lang]
 * @returns {Promise<Saved>}
 */
export async function save(id, lang = language()) {
  await changeSavedPlaylist(id, (row) => ({ ...row, state: "saving", problem: null, opens: false }));
  const prepared = prepareForOffline({ decoder: true });
  // Waits its turn: another tab may be at it, or this one about to notice that it was stopped.
  return alone(id, () => attempt(id, lang, prepared), { wait: true });
}

/**
 * Ask once more that the app itself be kept, for a playlist whose files are here.
 * @param {string} id
 */
export async function keepApp(id) {
  const opens = await prepareForOffline({ decoder: true });
  if (await savedPlaylist(id)) await changeSavedPlaylist(id, (row) => ({ ...row, opens }));
}

/**
 * Stop saving. What is here already stays, for later.
 * @param {string} id
 */
export async function stop(id) {
  await changeSavedPlaylist(id, (row) => (row.state === "saving" ? { ...row, problem: "stopped" } : row));
}

/**
 * Remove a playlist from the phone. What the learner did in it is kept elsewhere and stays.
 * @param {string} id
 */
export async function remove(id) {
  const row = await savedPlaylist(id);
  await stop(id);
  await removeSavedPlaylist(id);
  await sweep();
  if (row?.bundle) await recordForgotten({ playlist: id, version: row.bundle.version });
}

/**
 * Remove a playlist, with its files still here for a moment: `bringBack` undoes it at once and with no network.
 * @param {string} id
 * @returns {Promise<SavedPlaylist | undefined>} what to bring back
 */
export async function putAway(id) {
  const row = await savedPlaylist(id);
  await stop(id);
  await removeSavedPlaylist(id);
  if (row?.bundle) await recordForgotten({ playlist: id, version: row.bundle.version });
  return row;
}

/**
 * Undo `putAway`. Files that are gone by now are fetched again.
 * @param {SavedPlaylist} row
 */
export async function bringBack(row) {
  await changeSavedPlaylist(row.id, () => ({ ...row, checked_at: 0 }));
  if (row.bundle) await recordSaved({ playlist: row.id, version: row.bundle.version });
  await updateSaved();
}

/**
 * Note that a page of a saved playlist was opened: what is used stays longest.
 * @param {string} path
 * @param {number} [now] ms
 */
export async function noteUsed(path, now = Date.now()) {
  for (const { id, bundle, used_at: before = 0 } of await savedPlaylists()) {
    const isOfIt = bundle?.pages.some(({ url }) => url === `${path}?part=1`);
    if (isOfIt && now - before > USED_EVERY_MS)
      await changeSavedPlaylist(id, (row) => (row.bundle ? { ...row, used_at: now } : row));
  }
}

/**
 * Ask whether the organiser changed something, fetch what did, and go on with what was broken off.
 * @param {{now?: number}} [how] now: ms; a playlist that was asked about a moment ago is left alone
 * @returns {Promise<string[]>} the playlists that were updated
 */
export async function updateSaved({ now = Date.now() } = {}) {
  const due = (await savedPlaylists()).filter((row) => isDue(row, now));
  const updated = [];
  for (const { id, bundle, next } of due) {
    const before = bundle?.version;
    const lang = (next ?? bundle)?.lang ?? language();
    await alone(id, () => attempt(id, lang));
    const after = (await savedPlaylist(id))?.bundle?.version;
    if (after && before && after !== before) updated.push(id);
  }
  return updated;
}

/**
 * @param {SavedPlaylist} row
 * @param {number} now
 */
function isDue(row, now) {
  if (row.problem === "stopped") return false;
  return row.state === "saving" || Math.abs(now - (row.checked_at ?? 0)) > CHECK_EVERY_MS;
}

/**
 * @param {string} id
 * @param {string} lang
 * @param {Promise<boolean>} [prepared] does the worker keep the app? Not given: what was known of it stays
 * @returns {Promise<Saved>}
 */
async function attempt(id, lang, prepared) {
  try {
    await bringNewest(id, lang, prepared);
    return "ready";
  } catch (error) {
    const problem = problemOf(error);
    if (problem === "failed") console.error(error);
    // A saved playlist stays ready when only the check for a newer one failed, and one that the person stopped stays
    // stopped when a file that was on its way fails after that.
    if (problem !== "stopped" && (await savedPlaylist(id)))
      await changeSavedPlaylist(id, (row) =>
        row.state === "saving" && row.problem !== "stopped" ? { ...row, problem } : row,
      );
    return problem;
  }
}

/**
 * The organiser may change a page between the manifest and the file, and again while we fetch that: a file that is
 * not what was promised asks for a new manifest. Only one that is wrong twice by the same manifest is damaged.
 * @param {string} id
 * @param {string} lang
 * @param {Promise<boolean>} [prepared]
 */
async function bringNewest(id, lang, prepared) {
  let wrong = "";
  for (let tries = 1; ; tries++) {
    try {
      return await bring(id, lang, prepared);
    } catch (error) {
      const version = (await savedPlaylist(id))?.next?.version ?? "";
      if (!(error instanceof Damaged) || version === wrong || tries === MOST_TRIES) throw error;
      wrong = version;
    }
  }
}

/**
 * Make the newest version whole on this phone, then let it serve.
 * @param {string} id
 * @param {string} lang
 * @param {Promise<boolean>} [prepared]
 */
async function bring(id, lang, prepared) {
  const row = await savedPlaylist(id);
  const known = row?.bundle?.lang === lang ? row.bundle : null;
  const reply = await getBundle(id, lang, known && `"${known.version}"`);
  const next = reply?.bundle ?? /** @type {Bundle} */ (known);
  const sum = total(filesOf(next));
  // From here on no sweep takes its files; one that had begun in another tab may, so we look again before it serves.
  if (next.version !== row?.bundle?.version) await step(id, (now) => ({ ...now, next }));
  for (let missing = await lacking(next); missing.length; missing = await lacking(next)) {
    await step(id, (now) => ({ ...now, state: "saving", next, total: sum, done: sum - total(missing) }));
    if (!(await makeRoom(total(missing), { saving: id }))) throw new Full();
    await fetchAll(id, missing);
  }
  const opens = await prepared;
  await activate(id, next, sum, opens);
}

/**
 * @param {Bundle} bundle
 * @returns {Promise<import("./playlist-files.js").KeptFile[]>} its files that are not here: another tab may have removed some meanwhile
 */
async function lacking(bundle) {
  const kept = await keptHashes();
  return filesOf(bundle).filter((file) => !kept.has(file.sha256));
}

/**
 * @param {string} id
 * @param {import("./playlist-files.js").KeptFile[]} files
 */
async function fetchAll(id, files) {
  const queue = [...files];
  /** @type {unknown} */
  let failed;
  const lane = async () => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      const { size } = file;
      await fetchOne(file);
      await step(id, (row) => ({ ...row, done: row.done + size }));
    }
  };
  // After a failure the other lanes end with the file that they are at; we wait, or it would be asked for twice.
  const giveUp = (/** @type {unknown} */ error) => {
    failed ??= error;
    queue.length = 0;
  };
  await Promise.all(Array.from({ length: ABREAST }, () => lane().catch(giveUp)));
  if (failed) throw failed;
}

/** @param {import("./playlist-files.js").KeptFile} file */
async function fetchOne({ url, sha256: hash, size, mime }) {
  const bytes = await (await getFile(url, { cache: "no-cache" })).arrayBuffer().catch((error) => {
    throw new Offline(String(error));
  });
  if (bytes.byteLength !== size || (await sha256(bytes)) !== hash) throw new Damaged(url);
  await keepFile(hash, bytes, mime);
}

/**
 * Let a version serve, in one transaction: before it the old one does, after it the new one.
 * @param {string} id
 * @param {Bundle} bundle
 * @param {number} sum of its files, bytes
 * @param {boolean} [opens]
 */
async function activate(id, bundle, sum, opens) {
  const now = Date.now();
  let isNew = false;
  await step(id, (row) => {
    isNew = row.bundle?.version !== bundle.version;
    return {
      ...row,
      state: "ready",
      opens: opens ?? row.opens,
      bundle,
      next: null,
      problem: null,
      done: sum,
      total: sum,
      saved_at: row.saved_at ?? now,
      updated_at: isNew && row.bundle ? now : row.updated_at,
      checked_at: now,
    };
  });
  if (!isNew) return;
  await recordSaved({ playlist: id, version: bundle.version }); // first: the page may be left as soon as it says "ready"
  await sweep();
}

/**
 * Change the row, unless the person has stopped or removed it meanwhile.
 * @param {string} id
 * @param {(row: SavedPlaylist) => SavedPlaylist} change
 */
async function step(id, change) {
  if (!(await savedPlaylist(id))) throw new Stopped();
  let stopped = false;
  await changeSavedPlaylist(id, (row) => {
    stopped = row.problem === "stopped" || row.state === "absent";
    return stopped ? row : change(row);
  });
  if (stopped) throw new Stopped();
}

/**
 * @param {unknown} error
 * @returns {Exclude<Saved, "ready" | "busy">}
 */
function problemOf(error) {
  if (error instanceof Stopped) return "stopped";
  if (error instanceof Offline || error instanceof Later) return "offline";
  if (error instanceof Damaged) return "damaged";
  if (error instanceof Full || isFull(error)) return "full";
  return error instanceof Rejected && error.status === 404 ? "gone" : "failed";
}

/** Where there are no Web Locks, at least this page does one thing at a time. @type {Map<string, Promise<unknown>>} */
const running = new Map();

/**
 * @param {string} id
 * @param {() => Promise<Saved>} work
 * @param {{wait?: boolean}} [how] wait: for who is at it, instead of leaving it to them
 * @returns {Promise<Saved>}
 */
async function alone(id, work, { wait = false } = {}) {
  const locks = globalThis.navigator?.locks;
  if (locks) return locks.request(`save:${id}`, { ifAvailable: !wait }, (lock) => (lock ? work() : "busy"));
  const before = running.get(id);
  if (before && !wait) return "busy";
  const mine = Promise.resolve(before).then(work, work);
  running.set(id, mine);
  return mine.finally(() => running.get(id) === mine && running.delete(id));
}
