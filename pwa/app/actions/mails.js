/** A learner's mail addresses. They need a network: an address never stands in an event, whose bytes stay. */

import { language } from "../i18n.js";
import { device } from "../store/device.js";
import { signedCall } from "../sync/api.js";
import { utf8 } from "../sync/bytes.js";
import { sign } from "../sync/keys.js";
import { requestSync } from "../sync/triggers.js";

/**
 * Keep an address; the server sends it the link by which somebody confirms it.
 * @param {string} address
 */
export async function addMail(address) {
  await call("POST", "/api/mails", JSON.stringify({ address, lang: language() }));
  await requestSync();
}

/** @returns {Promise<MailRow[]>} with whole addresses */
export async function wholeMails() {
  return (await (await call("GET", "/api/mails", "")).json()).mails;
}

/**
 * Choose what is mailed to an address.
 * @param {string} id
 * @param {string[]} kinds
 */
export async function chooseMails(id, kinds) {
  await call("POST", `/api/mails/${id}/tells`, JSON.stringify({ kinds }));
  await requestSync();
}

/** @param {string} id */
export async function removeMail(id) {
  await call("DELETE", `/api/mails/${id}`, "");
  await requestSync();
}

/**
 * @param {"GET" | "POST" | "DELETE"} method
 * @param {string} path
 * @param {string} body
 */
async function call(method, path, body) {
  const row = await device();
  if (!row) throw new Error("nobody has learned here yet");
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(body)));
  const hex = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const content = body ? { body, headers: { "Content-Type": "application/json" } } : {};
  return signedCall(method, path, hex, { device: row.device, sign: (bytes) => sign(row.keys, bytes) }, { ...content, cache: "no-store" });
}
