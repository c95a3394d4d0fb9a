/** What people who share a device do: come and go, by name, picture and PIN. */

import { afterWrongPin, fitsPin, hidePin, mustWait } from "./pin.js";
import { device } from "../store/device.js";
import { asksPin, beginTurn, change, person, putPerson, putPin, removePerson as remove } from "../store/people.js";

export { changePerson, forgetPin } from "../store/people.js";

/**
 * @param {{name: string, picture: string, pin?: string}} who
 * @param {string} [joined] a learner who comes from another device
 * @returns {Promise<string>} the learner's id
 */
export async function addPerson({ pin, ...who }, joined) {
  return putPerson({ ...who, pin: pin ? await hidePin(pin) : null }, joined);
}

/**
 * @param {string} learner
 * @param {string | null} pin null: none any more
 */
export async function setPin(learner, pin) {
  await putPin(learner, pin ? await hidePin(pin) : null);
}

/**
 * Let somebody come to work, on all tabs at once.
 * @param {string} learner
 * @param {string} [pin]
 * @returns {Promise<"switched" | "wrong" | "wait">} wait: too many wrong PINs, see `wait_until`
 */
export async function switchTo(learner, pin = "") {
  const outcome = await tryPin(await person(learner), pin);
  if (outcome !== "right") return outcome;
  await beginTurn(learner);
  return "switched";
}

/**
 * @param {Person | undefined} who
 * @param {string} pin
 * @returns {Promise<"right" | "wrong" | "wait">} right also where none is asked
 */
export async function tryPin(who, pin) {
  if (!who?.pin || !asksPin(who, Date.now())) return "right";
  if (mustWait(who, Date.now())) return "wait";
  if (await fitsPin(pin, who.pin)) return "right";
  await change(who.learner, (now) => afterWrongPin(now, Date.now()));
  return "wrong";
}

/**
 * Forget a learner on this device, never while something of theirs is only here; they are told nothing here any more.
 * @param {string} learner
 * @param {{rescued?: boolean}} [how] rescued: what is unsent lies in a rescue file
 * @returns {Promise<number>} how much is unsent; 0 when they were removed
 */
export async function removePerson(learner, how) {
  const row = await device(learner); // the key, for a last word
  const unsent = await remove(learner, how);
  if (!unsent && row) void import("./telling.js").then(({ silence }) => silence(row)).catch(console.warn);
  return unsent;
}

/** Nobody is at work: what comes next is not taken for the last one's. */
export function endTurn() {
  return beginTurn(null);
}
