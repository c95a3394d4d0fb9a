/** Gathers what "my learning" shows: the learner's items, the playlists they saved or began, and names for both. */
import { comingReservations } from "../actions/reservations.js";
import { inLanguage, language } from "../i18n.js";
import { savedPlaylists } from "../store/bundles.js";
import { awards, feed } from "../store/feed.js";
import { flagsOf } from "../store/flags.js";
import { isDoorWork, isWork, needing, outbox } from "../store/outbox.js";
import { everyone } from "../store/people.js";
import { playlistProgress } from "../store/progress.js";
import { ownSetting } from "../store/settings.js";

/**
 * @typedef {{id: string, title: string, url: string, picture?: string | null, saved: boolean, progress: PlaylistProgress | null, award?: AwardRow}} LearningPlaylist
 * @typedef {{stops: Map<string, {title: string, url: string}>, tasks: Map<string, string>, activities: Map<string, string>, playlists: Map<string, string>, sessions: Map<string, {title: string, url: string}>}} Names
 * @typedef {{items: Set<string>, letIn: CheckinRow[]}} Beyond check-ins beyond a session's places: the learner's own by
 *   the event's id, and those that only a door has said
 */

/**
 * In `names`, activities are found by a code's point or by the event that the server took as a check-in.
 * @returns {Promise<{items: OutboxItem[], needing: OutboxItem[], flags: import("../store/flags.js").Flag[], playlists: LearningPlaylist[], names: Names, beyond: Beyond, coming: import("../actions/reservations.js").Reservation[], between: boolean}>}
 *   between: several share this device, and it is nobody's turn
 */
export async function lookAtLearning() {
  const [rows, all, saved, badges, people] = await Promise.all([feed(), outbox(), savedPlaylists(), awards(), everyone()]);
  /** @type {Record<string, import("../actions/known.js").KnownStop>} */
  const stops = (await ownSetting("known_stops")) ?? {};
  /** @type {Record<string, import("../actions/known.js").KnownPlaylist>} */
  const known = (await ownSetting("known_playlists")) ?? {};
  const bundles = saved.flatMap(({ bundle }) => bundle ?? []);
  /** @type {Map<string, LearningPlaylist>} */
  const playlists = new Map();
  for (const { id, title, url } of Object.values(stops).flatMap((stop) => stop.playlists))
    playlists.set(id, { id, title, url, saved: false, progress: null });
  for (const { playlist, activities, rules, isSaved } of [
    ...Object.values(known).map((one) => ({ ...one, isSaved: false })),
    ...saved.flatMap(({ bundle, opens }) => (bundle ? { ...bundle, isSaved: opens !== false } : [])),
  ]) {
    const progress = playlistProgress({ id: playlist.id, rules, activities }, rows, all);
    playlists.set(playlist.id, { ...playlist, saved: isSaved, progress });
  }
  for (const award of badges) {
    const row = playlists.get(award.playlist ?? "");
    if (row && !award.revoked_at) row.award = award;
  }
  const names = namesIn(bundles, stops, known);
  names.sessions = await sessionNames(rows);
  for (const { key, row } of rows) if (key.startsWith("checkin:")) names.activities.set(row.event, row.activity);
  const flags = flagsOf(rows, all, (await ownSetting("flags_seen")) ?? {});
  for (const { event, row } of flags) names.activities.set(event, row.activity);
  const between = people.length > 0 && !people.some(({ atWork }) => atWork);
  const items = all.filter((item) => isWork(item) && !(isDoorWork(item) && item.state === "accepted"));
  const beyond = beyondPlaces(rows, items);
  const coming = await comingReservations(Date.now());
  return { between, beyond, coming, items, needing: needing(all), flags, playlists: [...playlists.values()], names };
}

/**
 * @param {FeedRow[]} rows
 * @param {OutboxItem[]} items newest first
 * @returns {Beyond}
 */
function beyondPlaces(rows, items) {
  const scans = items.filter(({ type, state }) => type === "checkin.scan" && state === "accepted");
  const found = rows
    .filter(({ key, row }) => key.startsWith("checkin:") && row.over)
    .map(({ row }) => ({ row: /** @type {CheckinRow} */ (row), scan: scans.find(({ id, effect }) => id === row.event || effect?.occurrence === row.occurrence) }));
  return { items: new Set(found.flatMap(({ scan }) => scan?.id ?? [])), letIn: found.filter(({ scan }) => !scan).map(({ row }) => row) };
}

/**
 * @param {Bundle[]} bundles
 * @param {Record<string, import("../actions/known.js").KnownStop>} stops
 * @param {Record<string, import("../actions/known.js").KnownPlaylist>} playlists
 * @returns {Names}
 */
function namesIn(bundles, stops, playlists) {
  const wholes = [...Object.values(playlists), ...bundles];
  const activities = wholes.flatMap((one) => one.activities);
  const tasks = activities.flatMap((one) => one.tasks ?? []).map((task) => [task.id, task.prompt]);
  return {
    stops: new Map([...Object.values(stops), ...activities].map(({ id, title, url }) => [id, { title, url }])),
    tasks: new Map(/** @type {[string, string][]} */ ([...Object.values(stops).flatMap((stop) => Object.entries(stop.tasks)), ...tasks])),
    activities: new Map(bundles.flatMap(({ codes }) => codes).map((code) => [code.point, code.activity])),
    playlists: new Map(wholes.map(({ playlist }) => [playlist.id, playlist.title])),
    sessions: new Map(),
  };
}

/**
 * @param {FeedRow[]} rows
 * @returns {Promise<Names["sessions"]>} by the session's id
 */
async function sessionNames(rows) {
  /** @type {import("../actions/reservations.js").KnownSession[]} */
  const known = Object.values((await ownSetting("known_sessions")) ?? {});
  const said = rows.filter(({ key }) => key.startsWith("session:")).map(({ row }) => /** @type {SessionRow} */ (row));
  return new Map([
    ...known.map(({ occurrence, title, url }) => /** @type {const} */ ([occurrence, { title, url }])),
    ...said.map(({ occurrence, title, slug }) => /** @type {const} */ ([occurrence, { title: inLanguage(title), url: `/${language()}/activities/${slug}` }])),
  ]);
}
