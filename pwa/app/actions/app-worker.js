/** What a page asks of the service worker: keep the app in this language, take over when a new version waits. */

import { signal } from "@preact/signals-core";
import { language } from "../i18n.js";

/** True once, when this browser has just become able to open the app with no network. */
export const readyOffline = signal(false);

/** True while a new version of the app waits for this page. */
export const updateReady = signal(false);

/** @type {ServiceWorkerRegistration | null} */
let registration = null;

/** A page that somebody has used is never reloaded under their hands. */
let touched = false;

let reloading = false;

const LEFT = "streetwise-update-left";

/** Start the worker and follow its updates; call it once a page, when nothing else is urgent. */
export async function startWorker() {
  const container = globalThis.navigator?.serviceWorker;
  if (!container) return;
  for (const kind of ["pointerdown", "keydown", "input"])
    addEventListener(kind, () => void (touched = true), { once: true, capture: true, passive: true });
  container.addEventListener("message", ({ data }) => {
    if (data?.type === "ready" && data.first) readyOffline.value = true;
  });
  try {
    registration = await container.register("/service-worker.js", { scope: "/" });
  } catch (error) {
    console.warn("no service worker", error);
    return;
  }
  registration.addEventListener("updatefound", watchInstalling);
  watchInstalling();
  if (registration.waiting && container.controller) newVersionWaits();
  await prepareForOffline();
}

/**
 * Ask the worker to keep what the app needs in the page's language, and the page that is open.
 * @param {{decoder?: boolean}} [also] decoder: the scanner's decoder too, which is large
 */
export async function prepareForOffline({ decoder = false } = {}) {
  const active = (await globalThis.navigator?.serviceWorker?.ready)?.active;
  active?.postMessage({ type: "keep", lang: language(), path: globalThis.location.pathname, decoder });
}

/** Let the new version take over, and show the page with it. */
export function takeUpdate() {
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (reloading) return;
    reloading = true;
    location.reload();
  });
  registration?.waiting?.postMessage({ type: "activate" });
}

/** Not now: this browser session is left in peace, and the new version comes when all pages are closed. */
export function leaveUpdate() {
  updateReady.value = false;
  try {
    sessionStorage.setItem(LEFT, "1");
  } catch {
    // Then it is asked again on the next page.
  }
}

function isLeft() {
  try {
    return sessionStorage.getItem(LEFT) !== null;
  } catch {
    return false;
  }
}

function watchInstalling() {
  const installing = registration?.installing;
  installing?.addEventListener("statechange", () => {
    if (installing.state === "installed" && navigator.serviceWorker.controller) newVersionWaits();
  });
}

function newVersionWaits() {
  if (!touched && document.visibilityState === "hidden") takeUpdate();
  else updateReady.value = !isLeft();
}
