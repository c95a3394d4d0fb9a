/** What a page asks of the service worker: keep the app in this language; and what it says when the worker asks. */

import { language } from "../i18n.js";
import { syncing } from "../sync/status.js";
import { workerAddress } from "../sync/worker-address.js";

/** What comes after the first visit is brought only then. */
const update = () => import("./app-update.js");

/** @type {ServiceWorkerRegistration | null} */
let registration = null;

/** How long the worker may take to keep the app: on a slow line its files and the decoder are a while on their way. */
const KEEP_MS = 30_000;

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
    registration = await container.register(workerAddress(), { scope: "/" });
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
 * @param {{decoder?: boolean, ms?: number}} [how] decoder: the scanner's decoder too, which is large · ms: how long to wait
 * @returns {Promise<boolean>} true when the worker says that all of it is here; false also where there is no worker
 */
export async function prepareForOffline({ decoder = false, ms = KEEP_MS } = {}) {
  const container = globalThis.navigator?.serviceWorker;
  if (!container) return false;
  const { port1, port2 } = new MessageChannel();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const answer = new Promise((resolve) => {
    timer = setTimeout(resolve, ms, false);
    port1.onmessage = ({ data }) => resolve(data === true);
  });
  void container.ready.then(({ active }) =>
    active?.postMessage({ type: "keep", lang: language(), path: location.pathname, decoder }, [port2]),
  );
  return answer.finally(() => {
    clearTimeout(timer);
    port1.close();
  });
}
