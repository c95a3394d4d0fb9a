/** What a page asks of the service worker: keep the app in this language; and what it says when the worker asks. */

import { language } from "../i18n.js";
import { syncing } from "../sync/status.js";

/** What comes after the first visit is brought only then. */
const update = () => import("./app-update.js");

/** @type {ServiceWorkerRegistration | null} */
let registration = null;

/** @typedef {(what: any, ways?: {use: () => void, leave: () => void}) => void} Say */

/** @type {Say} */
let tell = () => {};

/**
 * Start the worker and follow its updates; call it once a page, when nothing else is urgent.
 * @param {Say} say called when the app has something to say
 */
export async function startWorker(say) {
  tell = say;
  const container = globalThis.navigator?.serviceWorker;
  if (!container) return;
  const ruled = container.controller;
  container.addEventListener("message", hear);
  try {
    registration = await container.register("/service-worker.js", { scope: "/" });
  } catch (error) {
    console.warn("no service worker", error);
    return;
  }
  if (ruled) await follow();
  else registration.addEventListener("updatefound", follow);
  await prepareForOffline();
}

/** @param {MessageEvent} event */
async function hear({ data, ports }) {
  if (data?.type === "state") ports[0].postMessage((await update()).pageState(syncing.value));
  if (data?.type === "ready" && data.first) tell("ready");
}

/** A first visit has nothing to follow: its worker is the first one. */
async function follow() {
  if (registration && navigator.serviceWorker.controller) (await update()).followUpdates(registration, tell, () => syncing.value);
}

/**
 * Ask the worker to keep what the app needs in the page's language, and the page that is open.
 * @param {{decoder?: boolean}} [also] decoder: the scanner's decoder too, which is large
 */
export async function prepareForOffline({ decoder = false } = {}) {
  const active = (await globalThis.navigator?.serviceWorker?.ready)?.active;
  active?.postMessage({ type: "keep", lang: language(), path: globalThis.location.pathname, decoder });
}
