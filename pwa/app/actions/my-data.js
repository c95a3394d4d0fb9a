/** A learner's own data: what this phone and the server store, a copy of it, and erasing all of it. */

import { device, learnerId } from "../store/device.js";
import { dbIfAny } from "../store/db.js";
import { feedOf } from "../store/feed.js";
import { isWaiting, isWork, itemsOf } from "../store/outbox.js";
import { person } from "../store/people.js";
import { signedCall } from "../sync/api.js";
import { sign } from "../sync/keys.js";
import { record } from "./record.js";

/**
 * What lies on this phone of the learner at work.
 * @typedef {object} Here
 * @property {string} learner
 * @property {string} name as this phone alone knows it
 * @property {number} done things that they did and that are still listed
 * @property {number} waiting not sent yet
 * @property {number} badges
 * @property {number} files of work, still here
 * @property {number} bytes of these
 * @property {number} drafts begun and not handed in
 * @property {number} playlists saved, for all who learn here
 * @property {number} others who learn on this phone
 * @property {boolean} erasing they said to erase everything, and it is not sent yet
 *
 * @returns {Promise<Here | null>} null: nobody is at work
 */
export async function lookHere() {
  const [learner, database] = [await learnerId(), await dbIfAny()];
  if (!learner || !database) return null;
  const items = await itemsOf(learner);
  const pairs = (/** @type {string} */ first) => IDBKeyRange.bound([first, ""], [first, "\uffff"]);
  const blobs = await database.getAll("blobs", pairs(learner));
  const devices = await database.getAllKeys("device");
  return {
    learner,
    name: (await person(learner))?.name ?? "",
    done: items.filter((item) => isWork(item) && !item.replaced).length,
    waiting: items.filter(isWaiting).length,
    badges: await database.count("feed", IDBKeyRange.bound([feedOf(learner), "award:"], [feedOf(learner), "award:\uffff"])),
    files: blobs.length,
    bytes: blobs.reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
    drafts: await database.count("drafts", pairs(learner)),
    playlists: await database.count("bundles"),
    others: devices.filter((one) => one !== learner).length,
    erasing: items.some(({ type, state }) => type === "learner.erase" && state !== "declined"),
  };
}

/** @returns {Promise<OwnData | null>} null: the server does not know this learner yet */
export async function lookThere() {
  const row = await device();
  if (!row?.seq) return null;
  return (await signedCall("GET", "/api/my-data", 0, signerOf(row), { cache: "no-store" })).json();
}

/** @param {string} child whom somebody at work looks after @returns {Promise<DataCopy[]>} */
export async function copiesOf(child) {
  const row = /** @type {DeviceRow} */ (await device());
  const answer = await signedCall("GET", `/api/export/${child}`, 0, signerOf(row), { cache: "no-store" });
  return (await answer.json()).exports;
}

/** @param {string} lang @param {string} [child] whom somebody at work looks after @returns {Promise<DataCopy>} */
export async function askForCopy(lang, child) {
  const row = /** @type {DeviceRow} */ (await device());
  const body = JSON.stringify({ lang, child, at: Date.now() });
  const headers = { "Content-Type": "application/json" };
  return (await signedCall("POST", "/api/export", 0, signerOf(row), { body, headers, signed: body })).json();
}

/** Erase everything, here and on the server: sent when there is a network, and done then. @param {string} word as typed */
export const eraseAll = (word) => record("learner.erase", { word });

/** @param {DeviceRow} row */
function signerOf({ device, keys }) {
  return { device, sign: (/** @type {Uint8Array<ArrayBuffer>} */ bytes) => sign(keys, bytes) };
}
