/** A class's card, by which a learner takes a pseudonym's place; and the class's own code, for shared tablets. */

import { language } from "../i18n.js";
import { everyItem } from "../store/everyone.js";
import { feed } from "../store/feed.js";
import { newId } from "../store/ids.js";
import { outbox } from "../store/outbox.js";
import { everyone, putPerson } from "../store/people.js";
import { post, Rejected } from "../sync/api.js";
import { changeGroup } from "./group.js";
import { record } from "./record.js";

const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const FRAGMENT = new RegExp(`^#(${UUID}\\.[A-Za-z0-9_-]{32})$`);

/**
 * @typedef {{card: string, pseudonym: string, taken: boolean}} Place
 * @typedef {{kind: "card" | "class", name: string, organiser: string, places: Place[]}} Found
 */

/**
 * @param {string} fragment with its "#"
 * @returns {string | null} as the server reads it, or null when it is none, or not whole
 */
export const readClassCode = (fragment) => FRAGMENT.exec(fragment)?.[1] ?? null;

/**
 * Where a scanned card leads on this phone.
 * @param {string} text of a QR code
 * @param {string[]} ownHosts
 * @returns {string | null} path and fragment; null when it is no card, or not of this city
 */
export function wayToClass(text, ownHosts) {
  const [, host, fragment] = /^https?:\/\/([^/]+)\/[A-Za-z-]+\/class\/?(#.*)$/.exec(text.trim()) ?? [];
  const written = host && ownHosts.includes(host) ? readClassCode(fragment) : null;
  return written && `/${language()}/class#${written}`;
}

/**
 * What a card or a class's code stands for.
 * @param {string} written
 * @returns {Promise<Found | "unknown" | null>} null: not reached
 */
export async function lookUpClass(written) {
  try {
    return await (await post("/api/class", { written })).json();
  } catch (error) {
    return error instanceof Rejected && error.status === 404 ? "unknown" : null;
  }
}

/** Take a card's place, for whoever is at work. @param {string} card */
export const joinClass = (card) => record("class.join", { card });

/** Give a place back: nobody sees any more by it what one does. @param {string} member */
export const leaveClass = (member) => record("class.leave", { member });

/**
 * Put pseudonyms on this phone, each as a person of their own. Whose card was used here before is left as they are.
 * @param {Place[]} places
 * @param {string[]} pictures to choose from
 * @returns {Promise<string[]>} the learners who came
 */
export async function putOnPhone(places, pictures) {
  const used = new Set((await everyItem()).filter(({ type }) => type === "class.join").map(({ body }) => body.card));
  const here = (await everyone()).length;
  const came = [];
  for (const [at, { card, pseudonym }] of places.filter(({ card, taken }) => !taken && !used.has(card)).entries()) {
    const learner = await putPerson({ name: pseudonym, picture: pictures[(here + at) % pictures.length] }, newId());
    await record("class.join", { card }, { begun: { learner } });
    came.push(learner);
  }
  return came;
}

/** Put a whole class on this tablet, which then checks in the group at one scan. @param {Place[]} places @param {string[]} pictures */
export async function putClassOnPhone(places, pictures) {
  const came = await putOnPhone(places, pictures);
  await changeGroup({ on: true });
  return came.length;
}

/**
 * How far whoever is at work is with a card.
 * @param {string} card
 * @returns {Promise<{asked: OutboxItem | undefined, row: ClassRow | undefined}>}
 */
export async function classStanding(card) {
  const [items, rows] = await Promise.all([outbox(), feed()]);
  const asked = items.find(({ type, body }) => type === "class.join" && body.card === card);
  return { asked, row: rows.find(({ key }) => key === `class:${card.slice(0, 36)}`)?.row };
}

/** @returns {Promise<(ClassRow & {member: string, leaving: boolean})[]>} the classes of whoever is at work */
export async function myClasses() {
  const [items, rows] = await Promise.all([outbox(), feed()]);
  return rows
    .filter(({ key }) => key.startsWith("class:"))
    .map(({ key, row }) => {
      const member = key.slice(6);
      return { ...row, member, leaving: items.some(({ type, body, state }) => type === "class.leave" && body.member === member && state !== "declined") };
    });
}
