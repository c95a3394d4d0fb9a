/** On a device that several share, work of nobody waits until somebody says whose it is. */

import { dbIfAny } from "../store/db.js";
import { learnerId } from "../store/device.js";

/** @typedef {import("../store/device.js").Turn} Turn */

/** @type {(ask: () => Promise<Turn | undefined>) => void} */
let answerBy;
const asking = /** @type {Promise<() => Promise<Turn | undefined>>} */ (new Promise((known) => (answerBy = known)));

/** Say how a person is asked whose turn it is. @param {() => Promise<Turn | undefined>} ask */
export const whenAsked = (ask) => answerBy(ask);

/** @returns {Promise<boolean>} whether people have names here */
export async function isShared() {
  return ((await (await dbIfAny())?.count("people")) ?? 0) > 0;
}

/** @returns {Promise<boolean>} whether a shared device lies between two turns */
export async function isBetweenTurns() {
  return !(await learnerId()) && (await isShared());
}

/** @returns {Promise<Turn | undefined>} undefined: a new learner's */
export async function whoIsIt() {
  return globalThis.document && (await isShared()) ? (await asking)() : undefined;
}
