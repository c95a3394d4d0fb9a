/** On a device that several share, work of nobody waits until somebody says whose it is. */

import { dbIfAny } from "../store/db.js";

/** @typedef {import("../store/device.js").Turn} Turn */

/** @type {(ask: () => Promise<Turn | undefined>) => void} */
let answerBy;
const asking = /** @type {Promise<() => Promise<Turn | undefined>>} */ (new Promise((known) => (answerBy = known)));

/** Say how a person is asked whose turn it is. @param {() => Promise<Turn | undefined>} ask */
export const whenAsked = (ask) => answerBy(ask);

/** @returns {Promise<Turn | undefined>} undefined: a new learner's */
export async function whoIsIt() {
  const shared = (await (await dbIfAny())?.count("people")) ?? 0;
  return shared && globalThis.document ? (await asking)() : undefined;
}
