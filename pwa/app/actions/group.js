/**
 * One scan for a whole group: a guardian's or teacher's phone checks in everyone who is ticked, each as themselves.
 *
 * Who may do so? Whoever holds the phone, once it was set up as a group's. For those without a PIN that is nothing new:
 * anybody can already take a turn as them. A PIN says that nobody else acts for its owner, so such a learner joins only
 * by entering it once. That lets the group check them in and nothing more: their turn, their answers and badges stay
 * behind the PIN, and a new PIN asks again. So there is no password of the group to forget at a museum's door.
 */

import { newId } from "../store/ids.js";
import { change, everyone, person, putPerson, UNTRIED } from "../store/people.js";
import { putSetting, setting } from "../store/settings.js";
import { checkIn, earlierCheckIn } from "./check-in.js";
import { tryPin } from "./people.js";

export { withdraw } from "./outbox.js";

/** As many as a class has, and as fit on a list. */
export const MOST_NAMES = 40;

/**
 * @typedef {import("../store/people.js").Someone} Someone
 * @typedef {import("./scan.js").Scanned} Scanned
 * @typedef {Someone & {asks: boolean, earlier: Awaited<ReturnType<typeof earlierCheckIn>>}} Member asks: their PIN was not entered for the group
 * @typedef {{learner: string, name: string, picture: string, at: number, item: string | null, again: boolean, failed?: boolean}} Entry
 *   item: the event, when this phone has it · again: they were in before
 * @typedef {{on?: boolean, out?: string[], place?: "yes" | "no", last?: {title: string, url: string | null, at: number, entries: Omit<Entry, "name" | "picture">[]}}} Group
 *   out: who was not ticked last time · last: without names, which go when their owner is removed from this phone
 */

/** @returns {Promise<Group>} */
export async function group() {
  return (await setting("group")) ?? {};
}

/** @param {Partial<Group>} to */
export async function changeGroup(to) {
  await putSetting("group", { ...(await group()), ...to });
}

/**
 * All learners of this phone, with what is known of each at this code.
 * @param {Scanned} code
 * @returns {Promise<Member[]>}
 */
export async function membersAt(code) {
  const all = await everyone();
  return Promise.all(
    all.map(async (one) => ({ ...one, asks: asksFirst(one), earlier: await earlierCheckIn(one.learner, code) })),
  );
}

/** @param {Someone} one */
export const asksFirst = ({ locked, in_group }) => locked && !in_group;

/**
 * Let the group check in somebody who has a PIN.
 * @param {string} learner
 * @param {string} pin
 * @returns {Promise<"right" | "wrong" | "wait">}
 */
export async function letJoin(learner, pin) {
  const outcome = await tryPin(await person(learner), pin);
  if (outcome === "right") await change(learner, (now) => ({ ...now, ...UNTRIED, in_group: true }));
  return outcome;
}

/** @param {string} learner */
export function letLeave(learner) {
  return change(learner, (now) => ({ ...now, in_group: false }));
}

/**
 * Check in everyone who is here, one after the other, each by a device, a key and a chain of their own. One who cannot
 * be kept does not keep the others out.
 * @param {Scanned} code
 * @param {Member[]} here
 * @param {(done: number) => void} onDone
 * @returns {Promise<Entry[]>}
 */
export async function checkInAll(code, here, onDone = () => {}) {
  const entries = [];
  for (const one of here) {
    entries.push(await checkInOne(code, one));
    onDone(entries.length);
  }
  return entries;
}

/**
 * Remember who was not ticked, and what became of the others.
 * @param {{title: string, url: string | null}} stop
 * @param {string[]} out
 * @param {Entry[]} found
 */
export function rememberLast({ title, url }, out, found) {
  const entries = found.map(({ name, picture, ...rest }) => rest);
  return changeGroup({ out, last: { title, url, at: Date.now(), entries } });
}

/**
 * @param {Scanned} code
 * @param {Pick<Member, "learner" | "name" | "picture">} one
 * @returns {Promise<Entry>}
 */
export async function checkInOne(code, { learner, name, picture }) {
  const who = { learner, name, picture };
  try {
    const earlier = await earlierCheckIn(learner, code);
    if (earlier) return { ...who, at: earlier.at, item: earlier.item?.id ?? null, again: true };
    const item = await checkIn({ ...code, begun: { learner } });
    return { ...who, at: item.at, item: item.id, again: false };
  } catch (error) {
    console.warn(error);
    return { ...who, at: Date.now(), item: null, again: false, failed: true };
  }
}

/**
 * Add a class by its names, which stay on this phone. Who is here already by that name is left as they are.
 * @param {string[]} names
 * @param {string[]} pictures to choose from
 * @returns {Promise<number>} how many came
 */
export async function addClass(names, pictures) {
  const here = await everyone();
  const known = new Set(here.map(({ name }) => name.toLocaleLowerCase()));
  const fresh = names.filter((name) => !known.has(name.toLocaleLowerCase())).slice(0, MOST_NAMES);
  for (const [place, name] of fresh.entries()) {
    // With an id of their own: the first name given would else become whoever has worked here without one.
    await putPerson({ name, picture: pictures[(here.length + place) % pictures.length] }, newId());
  }
  return fresh.length;
}

/**
 * The names in a list: one a line, or from a table's first column; numbers and dots before them are left out.
 * @param {string} text
 * @returns {string[]}
 */
export function readNames(text) {
  const lines = text.split(/[\n\r]+/).map((line) => line.split(/[\t;]/)[0]);
  return lines.map((line) => line.replace(/^[\s\d.)•*–-]+/, "").trim()).filter(Boolean);
}
