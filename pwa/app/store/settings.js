/** Small facts of this browser: who is learning on it, when it last synced, what was celebrated. */

import { db, dbIfAny } from "./db.js";
import { changed } from "./live.js";

/**
 * @param {string} name
 * @returns {Promise<any>} undefined when not set
 */
export async function setting(name) {
  return (await (await dbIfAny())?.get("settings", name))?.value;
}

/**
 * @param {string} name
 * @param {any} value
 */
export async function putSetting(name, value) {
  await (await db()).put("settings", { name, value });
  changed("settings");
}
