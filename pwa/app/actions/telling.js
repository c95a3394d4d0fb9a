/** What a learner wants to be told while the app is closed: asked of the browser after a tap, kept here and on the server. */

import "../load/ground.js";
import { language } from "../i18n.js";
import { device, learnersHere } from "../store/device.js";
import { putSetting, setting } from "../store/settings.js";
import { Rejected, signedCall } from "../sync/api.js";
import { fromBase64url, toBase64url } from "../sync/bytes.js";
import { sign } from "../sync/keys.js";
import { requestSync } from "../sync/triggers.js";

/** @typedef {"award" | "review" | "send"} Kind */

/** @type {readonly Kind[]} */
export const KINDS = ["award", "review", "send"];

/** The browser was asked and said no, now or before. */
export class Blocked extends Error {}

/** With the learner's id behind it: so it goes with them, when they are removed from this phone. */
const NAME = "told@";

/**
 * ready: may be asked · blocked: the browser's answer is no · install: only once the app is on the home screen · none: it cannot
 * @returns {"ready" | "blocked" | "install" | "none"}
 */
export function tellingHere() {
  const can = "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis;
  if (!can) return /iPhone|iPad/.test(navigator.userAgent) ? "install" : "none";
  return Notification.permission === "denied" ? "blocked" : "ready";
}

/**
 * @param {string} [learner] the one at work when not given
 * @returns {Promise<Kind[] | null>} null: nobody has begun here, so there is nobody to tell
 */
export async function chosenKinds(learner) {
  const row = await device(learner);
  return row && ((await setting(NAME + row.learner))?.kinds ?? []);
}

/**
 * Switch a kind on or off, for the learner at work. Off always works; on needs the browser's yes and a network.
 * @param {Kind} kind
 * @param {boolean} on
 * @throws {Blocked} and what `signedCall` throws
 */
export async function switchKind(kind, on) {
  const row = await device();
  if (!row) return;
  const now = (await chosenKinds(row.learner)) ?? [];
  const kinds = KINDS.filter((one) => (one === kind ? on : now.includes(one)));
  if (on && (await Notification.requestPermission()) !== "granted") throw new Blocked("no permission");
  if (on) await send(row, kinds, language());
  await putSetting(NAME + row.learner, { kinds, lang: language() }); // the worker goes by this
  if (!on) await (kinds.length ? send(row, kinds, language()).catch(laterThen) : silence(row));
}

/**
 * Have a learner told nothing any more on this phone.
 * @param {DeviceRow} row
 */
export async function silence(row) {
  await signedCall("DELETE", "/api/push", 0, signerOf(row)).catch(laterThen);
  for (const one of await learnersHere()) if ((await chosenKinds(one))?.length) return;
  const subscription = await (await registered())?.pushManager.getSubscription();
  await subscription?.unsubscribe(); // the server, should it not have heard, hears it from the push service
}

/** Say again what everybody here has chosen: the browser has given this phone another address. */
export async function renewTelling() {
  for (const learner of await learnersHere()) {
    const [row, told] = [await device(learner), await setting(NAME + learner)];
    if (row && told?.kinds.length) await send(row, told.kinds, told.lang);
  }
}

/**
 * @param {DeviceRow} row
 * @param {Kind[]} kinds
 * @param {string} lang
 */
async function send(row, kinds, lang) {
  const { endpoint, keys } = (await subscribed(row)).toJSON();
  const body = JSON.stringify({ endpoint, ...keys, lang, kinds });
  const post = () => signedCall("POST", "/api/push", 0, signerOf(row), { body, headers: { "Content-Type": "application/json" }, signed: body });
  try {
    await post();
  } catch (error) {
    if (!(error instanceof Rejected) || error.status !== 401) throw error;
    await requestSync(); // the server does not know this phone yet: it has sent nothing
    await post();
  }
}

/**
 * Have the browser take messages from this server, and from no other.
 * @param {DeviceRow} row
 * @returns {Promise<PushSubscription>}
 */
async function subscribed(row) {
  const { key } = await (await signedCall("GET", "/api/push/key", 0, signerOf(row))).json();
  const pushManager = /** @type {ServiceWorkerRegistration} */ (await registered()).pushManager;
  const before = await pushManager.getSubscription();
  const theirs = before?.options.applicationServerKey;
  if (before && theirs && toBase64url(theirs) === key) return before;
  await before?.unsubscribe(); // the server has another key now
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: fromBase64url(key) });
}

/** @returns {Promise<ServiceWorkerRegistration | undefined>} in the worker, its own */
async function registered() {
  return /** @type {any} */ (globalThis).registration ?? navigator.serviceWorker?.getRegistration();
}

/** @param {DeviceRow} row */
const signerOf = (row) => ({ device: row.device, sign: (/** @type {Uint8Array<ArrayBuffer>} */ bytes) => sign(row.keys, bytes) });

/** @param {unknown} error */
const laterThen = (error) => console.warn("the server was not told", error);
