/** The learners who share this device, by a name and a picture that never leave it; and whose turn it is. */

import { db, dbIfAny } from "./db.js";
import { learnerId } from "./device.js";
import { claimDrafts } from "./drafts.js";
import { feedOf } from "./feed.js";
import { newId } from "./ids.js";
import { changed } from "./live.js";
import { isAhead } from "./moments.js";
import { isOnlyHere, isWaiting, itemsOf } from "./outbox.js";
import { giveOldSettings } from "./settings.js";

export const LONGEST_NAME = 30;

/** How long after a PIN was reported forgotten it is asked no more. */
const FORGOTTEN_MS = 24 * 3600_000;

/**
 * A person as the page shows them. `name` is empty for a learner who has worked here without giving one.
 * @typedef {Person & {waiting: number, atWork: boolean, locked: boolean}} Someone
 */

/**
 * All who learn here, in the order in which they came, so that everyone keeps their place.
 * @returns {Promise<Someone[]>}
 */
export async function everyone() {
  const database = await dbIfAny();
  if (!database) return [];
  const [named, devices, now] = [await database.getAll("people"), await database.getAll("device"), await learnerId()];
  const nameless = devices.filter(({ learner }) => !named.some((person) => person.learner === learner));
  const all = [...named, ...nameless.map(({ learner, created_at }) => unnamed(learner, created_at))];
  all.sort((a, b) => a.created_at - b.created_at);
  return Promise.all(
    all.map(async (person) => ({
      ...person,
      waiting: (await itemsOf(person.learner)).filter(isWaiting).length,
      atWork: person.learner === now,
      locked: asksPin(person, Date.now()),
    })),
  );
}

/**
 * Add a person. The first one is the learner who works here already, or who will.
 * @param {{name: string, picture: string, pin?: Person["pin"]}} who
 * @param {string} [joined] a learner who comes from another device
 * @returns {Promise<string>} the learner's id
 */
export async function putPerson({ name, picture, pin = null }, joined) {
  const tx = (await db()).transaction(["people", "settings", "drafts"], "readwrite", { durability: "strict" });
  const now = await tx.objectStore("settings").get("learner");
  const isFirst = !joined && (await tx.objectStore("people").count()) === 0;
  const learner = joined ?? ((isFirst && now?.value) || newId());
  const at = Date.now();
  await tx.objectStore("people").put({ learner, name: clean(name), picture, pin, created_at: at, last_at: at });
  if (isFirst && !now?.value) {
    await tx.objectStore("settings").put({ ...now, name: "learner", value: learner });
    await claimDrafts(tx.objectStore("drafts"), learner);
  }
  await tx.done;
  changed("people", "settings", "drafts");
  return learner;
}

/**
 * Change name or picture; a learner without a name gets one by it.
 * @param {string} learner
 * @param {{name?: string, picture?: string}} to
 */
export function changePerson(learner, to) {
  return change(learner, (person) => ({ ...person, ...to, name: clean(to.name ?? person.name) }));
}

/**
 * @param {string} learner
 * @param {Person["pin"]} pin null: none any more
 */
export function putPin(learner, pin) {
  return change(learner, (person) => ({ ...person, ...UNTRIED, in_group: false, pin }));
}

/**
 * @param {string} learner
 * @returns {Promise<Person | undefined>}
 */
export async function person(learner) {
  return (await dbIfAny())?.get("people", learner);
}

/** A forgotten PIN goes after a day, in which its owner sees that and can say no by entering it. @param {string} learner */
export function forgetPin(learner) {
  // The earlier report counts, unless the clock was set back since.
  const at = Date.now() + FORGOTTEN_MS;
  return change(learner, (person) => ({ ...person, pin_ends_at: Math.min(person.pin_ends_at ?? at, at) }));
}

/** Will this person's PIN go away? @param {Person} person @param {number} now ms */
export const isGoing = ({ pin_ends_at }, now) => isAhead(pin_ends_at, now, FORGOTTEN_MS);

/**
 * Does this person's PIN hold now?
 * @param {Person} person
 * @param {number} now ms
 */
export const asksPin = (person, now) => person.pin !== null && !(person.pin_ends_at && person.pin_ends_at <= now);

/**
 * Somebody comes to work, or nobody (null). What others did stays theirs and goes on being sent.
 * @param {string | null} learner
 */
export async function beginTurn(learner) {
  const tx = (await db()).transaction(["people", "settings", "drafts"], "readwrite", { durability: "strict" });
  const [people, settings] = [tx.objectStore("people"), tx.objectStore("settings")];
  const now = await settings.get("learner");
  if (now?.value) await giveOldSettings(settings, now.value);
  else if (learner) await claimDrafts(tx.objectStore("drafts"), learner);
  await settings.put({ name: "learner", value: learner, turn: (now?.turn ?? 0) + 1 });
  const who = learner && (await people.get(learner));
  if (who) await people.put({ ...who, ...UNTRIED, pin: asksPin(who, Date.now()) ? who.pin : null, last_at: Date.now() });
  await tx.done;
  changed("settings", "people", "drafts");
}

/**
 * Forget a learner on this device, with key and badges; never while something of theirs is only here.
 * @param {string} learner
 * @param {{rescued?: boolean}} [how] rescued: what is unsent lies in a rescue file
 * @returns {Promise<number>} how much is unsent; 0 when they were removed
 */
export async function removePerson(learner, { rescued = false } = {}) {
  const stores = /** @type {const} */ (["people", "device", "outbox", "feed", "cursors", "blobs", "drafts", "settings", "doors"]);
  const tx = (await db()).transaction([...stores], "readwrite", { durability: "strict" });
  const items = await tx.objectStore("outbox").index("learner").getAll(learner);
  // A hello alone tells the server nothing that anybody would miss.
  const left = rescued ? 0 : items.filter((item) => item.type !== "device.hello" && isOnlyHere(item)).length;
  if (!left) {
    for (const { id } of items) await tx.objectStore("outbox").delete(id);
    const feed = feedOf(learner);
    await tx.objectStore("feed").delete(pairsOf(feed));
    await tx.objectStore("cursors").delete(feed);
    await tx.objectStore("blobs").delete(pairsOf(learner));
    await tx.objectStore("drafts").delete(pairsOf(learner));
    await tx.objectStore("device").delete(learner);
    await tx.objectStore("people").delete(learner);
    for (const door of await tx.objectStore("doors").getAll())
      if (door.learner === learner) await tx.objectStore("doors").delete(door.occurrence);
    await forgetSettings(tx.objectStore("settings"), learner);
  }
  await tx.done;
  if (!left) changed(...stores);
  return left;
}

export const UNTRIED = { wrong: 0, wait_until: 0, pin_ends_at: null };

/** @param {string} first of a key in two parts */
export const pairsOf = (first) => IDBKeyRange.bound([first, ""], [first, "\uffff"]);

/** @param {string} name */
const clean = (name) => [...name.trim().replace(/\s+/g, " ")].slice(0, LONGEST_NAME).join("");

/**
 * @param {string} learner
 * @param {number} at ms
 * @returns {Person}
 */
const unnamed = (learner, at) => ({ learner, name: "", picture: "", pin: null, created_at: at, last_at: at });

/**
 * @param {string} learner
 * @param {(person: Person) => Person} to
 */
export async function change(learner, to) {
  const tx = (await db()).transaction("people", "readwrite", { durability: "strict" });
  const person = (await tx.store.get(learner)) ?? unnamed(learner, Date.now());
  await tx.store.put(to(person));
  await tx.done;
  changed("people");
}

/**
 * @param {any} settings the store, in a transaction that writes
 * @param {string} learner
 */
async function forgetSettings(settings, learner) {
  for (const name of await settings.getAllKeys()) if (name.endsWith(`@${learner}`)) await settings.delete(name);
  const now = await settings.get("learner");
  if (now?.value === learner) await settings.put({ ...now, value: null, turn: (now.turn ?? 0) + 1 });
}
