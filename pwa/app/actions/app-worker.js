/** What a page asks of the service worker: keep the app in this language; and what it says when the worker asks. */

import { language } from "../i18n.js";

/** What comes after the first visit is brought only then. */
const update = () => import("./app-update.js");

/** @type {ServiceWorkerRegistration | null} */
let registration = null;

/** @type {(what: "ready" | "update") => void} */
let tell = () => {};

/**
 * Start the worker and follow its updates; call it once a page, when nothing else is urgent.
 * @param {typeof tell} say called when the app has something to say
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
  if (ruled) (await update()).followUpdates(registration, tell);
  await prepareForOffline();
}

/** @param {MessageEvent} event */
async function hear({ data, ports }) {
  if (data?.type === "state") ports[0].postMessage((await update()).pageState());
  if (data?.type !== "ready" || !registration) return;
  if (data.first) tell("ready");
  (await update()).followUpdates(registration, tell);
}

/**
 * Ask the worker to keep what the app needs in the page's language, and the page that is open.
 * @param {{decoder?: boolean}} [also] decoder: the scanner's decoder too, which is large
 */
export async function prepareForOffline({ decoder = false } = {}) {
  const active = (await globalThis.navigator?.serviceWorker?.ready)?.active;
  active?.postMessage({ type: "keep", lang: language(), path: globalThis.location.pathname, decoder });
}
