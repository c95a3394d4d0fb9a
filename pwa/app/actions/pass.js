/** A learner's pass: signed here, new every 30 seconds, with or without a network; what it shows, and what came of it. */

import { savedActivity, savedSession } from "../store/bundles.js";
import { serverNow } from "../store/clock.js";
import { device } from "../store/device.js";
import { feed } from "../store/feed.js";
import { outbox } from "../store/outbox.js";
import { person } from "../store/people.js";
import { ownKey, putSetting, setting } from "../store/settings.js";
import { introduceAs } from "../sync/events.js";
import { sign } from "../sync/keys.js";
import { requestSync } from "../sync/triggers.js";
import { checkIn } from "./check-in.js";
import { parseCode, STEP_MS } from "./codes.js";
import { ownHosts, ownOrigin } from "./own-address.js";
import { passAddress, writeExtra, writePass } from "./passes.js";

/** What came at a door is shown for so long. */
const LATELY_MS = 12 * 3600_000;

/**
 * `address`: what the QR holds · `left`: for how long it is the newest, ms
 * @typedef {{address: string, left: number}} Pass
 *
 * A person at a door said that the learner is there. `item`: the door's answer, as this phone recorded it; none when
 * the server said it first.
 * @typedef {{at: number, title: string, item?: OutboxItem}} Confirmation
 *
 * kept: recorded, or it had been before · other: a code, but no answer of a door
 * @typedef {{is: "kept", again: boolean} | {is: "other" | "foreign" | "newer" | "malformed"}} Answer
 */

/** Make whoever is at work here, or somebody new, a learner with a pass. */
export async function beginPass() {
  await introduceAs("", {});
  void requestSync();
}

/**
 * Make the pass of this moment.
 * @param {string} learner
 * @returns {Promise<Pass>}
 * @throws when nothing can be kept on this phone
 */
export async function makePass(learner) {
  const { device: id, keys } = await deviceOf(learner);
  const [now, extra, { origin, host }] = [await serverNow(learner), await extraOf(learner), ownOrigin()];
  const step = Math.floor(now / STEP_MS);
  const fragment = await writePass({ host, step, extra }, { device: id, sign: (bytes) => sign(keys, bytes) });
  return { address: passAddress(origin, fragment), left: (step + 1) * STEP_MS - now };
}

/** Whoever stands at a door waits for what the server says of it. */
export const lookForNews = () => void requestSync();

export { rememberShown as showPass } from "./pass-holder.js";

/**
 * A pass holds only when the server knows its phone, so one that is new says hello at once.
 * @param {string} learner
 * @returns {Promise<DeviceRow>}
 */
async function deviceOf(learner) {
  const known = await device(learner);
  if (known) return known;
  await introduceAs(learner, {});
  void requestSync();
  return /** @type {DeviceRow} */ (await device(learner));
}

/** @param {string} learner */
async function extraOf(learner) {
  const who = (await showsName(learner)) ? await person(learner) : undefined;
  return who?.name ? writeExtra(who.picture, who.name.replace(/[\0-\x1f\x7f]/g, "")) : "";
}

/**
 * Did this learner agree that their pass shows name and picture?
 * @param {string} learner
 * @returns {Promise<boolean>}
 */
export async function showsName(learner) {
  return (await consent(learner)) === "yes";
}

/**
 * @param {string} learner
 * @returns {Promise<"yes" | "no" | undefined>} no: agreed once, and taken back · undefined: never asked
 */
export async function consent(learner) {
  return setting(ownKey("pass_shows", learner));
}

/** @param {string} learner @param {boolean} yes */
export const agree = (learner, yes) => putSetting(ownKey("pass_shows", learner), yes ? "yes" : "no");

/**
 * Keep what the door's phone shows back. It is for the phone whose pass was scanned, so it is recorded as that learner.
 * @param {string} text what the QR code holds
 * @param {string} learner
 * @returns {Promise<Answer>}
 */
export async function takeAnswer(text, learner) {
  const code = parseCode(text, ownHosts());
  if ("reason" in code) return { is: code.reason };
  if (code.kind !== "receipt") return { is: "other" };
  const before = answersOf(await outbox(learner)).some((item) => isCounting(item) && item.body.point === code.point);
  if (!before) await checkIn({ point: code.point, proof: code.proof, begun: { learner } });
  return { is: "kept", again: before };
}

/**
 * Answers of doors from lately; those that did not count until the learner has put them away.
 * @param {OutboxItem[]} items
 */
const answersOf = (items) =>
  items.filter(({ type, body, dismissed, at }) => {
    const isAnswer = type === "checkin.scan" && body.proof?.[0] === "5";
    return isAnswer && !dismissed && at > Date.now() - LATELY_MS;
  });

/** @param {OutboxItem} item */
const isCounting = ({ state }) => state !== "declined";

/**
 * Where people at doors saw the learner lately, newest first. What both the door's answer and the server say is one.
 * @param {string} learner
 * @returns {Promise<Confirmation[]>}
 */
export async function confirmations(learner) {
  const [items, rows] = [answersOf(await outbox(learner)), (await feed(learner)).filter(isLately)];
  const mine = items.map(async (item) => {
    const activity = item.body.activity ?? item.effect?.activity ?? rows.find(isOf(item))?.row.activity;
    return { at: item.at, title: await titleOf(learner, activity, item.body.point), item };
  });
  const theirs = rows
    .filter((row) => !items.some((item) => isCounting(item) && isOf(item)(row)))
    .map(async ({ row }) => ({ at: Date.parse(row.at), title: await titleOf(learner, row.activity, row.point) }));
  return (await Promise.all([...mine, ...theirs])).sort((a, b) => b.at - a.at);
}

/** @param {FeedRow} row */
const isLately = ({ key, row }) =>
  key.startsWith("checkin:") && row.level >= 4 && Date.parse(row.at) > Date.now() - LATELY_MS;

/**
 * Does the server's row speak of what this answer speaks of?
 * @param {OutboxItem} item
 * @returns {(row: FeedRow<CheckinRow>) => boolean}
 */
const isOf = ({ id, body, effect }) => ({ row }) =>
  row.event === id || row.point === body.point || Boolean(row.occurrence && row.occurrence === effect?.occurrence);

/**
 * @param {string} learner
 * @param {string | null | undefined} activity
 * @param {string | null} point
 * @returns {Promise<string>} empty when this phone has not got it
 */
async function titleOf(learner, activity, point) {
  const known = activity ?? (point && (await savedSession(point))?.activity);
  if (!known) return "";
  return (await savedActivity(known))?.title ?? (await setting(ownKey("known_stops", learner)))?.[known]?.title ?? "";
}
