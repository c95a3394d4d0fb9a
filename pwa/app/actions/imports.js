/** Badges from elsewhere: kept on this phone until the server has checked them. */

import { device } from "../store/device.js";
import { draftsOf, dropDraft, putDraft } from "../store/drafts.js";
import { newId } from "../store/ids.js";
import { Later, Offline, Rejected, signedCall } from "../sync/api.js";
import { sign } from "../sync/keys.js";
import { requestSync } from "../sync/triggers.js";

/** Larger files the server does not take. */
export const MOST_BYTES = 2 * 1024 * 1024;
const START = "import:";

/** @typedef {{task: string, name: string, problem?: string}} Waiting a badge that the server has not seen yet, or refused */

/**
 * Keep a badge's file, its text or its address, and have it checked as soon as the server can be reached.
 * @param {{name: string, bytes: ArrayBuffer}} given
 */
export async function bringIn({ name, bytes }) {
  await putDraft(START + newId(), { name, bytes });
  await sendImports();
}

/** @returns {Promise<Waiting[]>} */
export async function waitingImports() {
  return (await draftsOf(START)).map(({ task, value }) => ({ task, name: value.name, problem: value.problem }));
}

/** @param {string} task */
export const forgetImport = (task) => dropDraft(task);

/** Send what waits, one after the other; what the server refuses stays with its words, until it is removed. */
export async function sendImports() {
  for (const { task, value } of await draftsOf(START)) {
    if (value.problem) continue;
    try {
      await call("POST", "/api/imports", value.bytes);
      await dropDraft(task);
    } catch (error) {
      if (error instanceof Rejected && error.status !== 401) await putDraft(task, { ...value, problem: error.message });
      else if (!(error instanceof Offline || error instanceof Later || error instanceof Rejected)) throw error;
      else return;
    }
  }
  await requestSync();
}

/** @param {string} id */
export async function checkAgain(id) {
  await call("POST", `/api/imports/${id}/check`);
  await requestSync();
}

/** @param {string} id */
export async function removeImport(id) {
  await call("DELETE", `/api/imports/${id}`);
  await requestSync();
}

/**
 * @param {"POST" | "DELETE"} method
 * @param {string} path
 * @param {ArrayBuffer} [body]
 */
async function call(method, path, body) {
  const row = await device();
  if (!row) throw new Offline("no device yet");
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body ?? new ArrayBuffer(0)));
  const hex = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const headers = { "Content-Type": "application/octet-stream" };
  return signedCall(method, path, hex, { device: row.device, sign: (bytes) => sign(row.keys, bytes) }, { body, headers });
}
