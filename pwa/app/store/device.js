/** Who learns on this browser, as which device, and where its chain of events ends. */

import { db, dbIfAny } from "./db.js";
import { changed } from "./live.js";
import { setting } from "./settings.js";

/**
 * The learner whose work this browser records now; null before their first action.
 * @returns {Promise<string | null>}
 */
export async function learnerId() {
  return (await setting("learner")) ?? null;
}

/**
 * @param {string} [learner] the one at work when not given
 * @returns {Promise<DeviceRow | null>}
 */
export async function device(learner) {
  const database = await dbIfAny();
  const whose = learner ?? (await learnerId());
  return (database && whose && (await database.get("device", whose))) || null;
}

/**
 * Everybody who has a device here, the one at work first.
 * @returns {Promise<string[]>} learners
 */
export async function learnersHere() {
  const [learners, atWork] = [(await (await dbIfAny())?.getAllKeys("device")) ?? [], await learnerId()];
  return learners.sort((a, b) => Number(b === atWork) - Number(a === atWork));
}

/**
 * Is there anything here that a cycle could be about?
 * @returns {Promise<boolean>}
 */
export async function isInUse() {
  const database = await dbIfAny();
  return Boolean(database && ((await database.count("device")) || (await database.count("relay"))));
}

/**
 * Store a new learner's device and make them the one at work, unless another tab was faster.
 * @param {DeviceRow} row
 * @returns {Promise<DeviceRow>} the one that holds
 */
export async function addDevice(row) {
  const tx = (await db()).transaction(["device", "settings"], "readwrite", { durability: "strict" });
  const learner = (await tx.objectStore("settings").get("learner"))?.value;
  const earlier = learner && (await tx.objectStore("device").get(learner));
  if (!earlier) {
    await tx.objectStore("device").put(row);
    await tx.objectStore("settings").put({ name: "learner", value: row.learner });
  }
  await tx.done;
  changed("device", "settings");
  return earlier ?? row;
}
