/** The service worker: keeps the app and saved pages at hand, and answers when the network does not. */

import { registerRoute } from "workbox-routing";
import { StaleWhileRevalidate } from "workbox-strategies";
import { noteUsed, updateSaved } from "./app/actions/saved-playlists.js";
import { renewTelling } from "./app/actions/telling.js";
import { waitingCount } from "./app/store/outbox.js";
import { syncAll } from "./app/sync/all.js";
import { savedFile } from "./worker/kept.js";
import { keepLayout, languages, rememberLanguage } from "./worker/layouts.js";
import { askOnly, openPage } from "./worker/navigate.js";
import { keepOpenPage, keepPersonal } from "./worker/pages.js";
import { answerRange } from "./worker/range.js";
import { answerRepair, keepRepair, keepRepairIn } from "./worker/repair.js";
import { openTold, showTold } from "./worker/telling.js";
import { bringDecoder, bringFiles, fileOf, forgetOtherVersions, NAME, takeOver } from "./worker/versions.js";

/** TypeScript knows windows or workers, not both. @type {any} */
const worker = self;

// Before all else: this page must open when whatever comes below is broken.
worker.addEventListener("fetch", answerRepair);

// ── Pages ──

/** Places that only make sense with the server. */
const NEVER_KEPT = /^\/(api|desk)\//;

registerRoute(
  ({ request, sameOrigin }) => sameOrigin && request.mode === "navigate",
  ({ event, url }) =>
    NEVER_KEPT.test(url.pathname)
      ? askOnly(/** @type {any} */ (event), url)
      : openPage(/** @type {any} */ (event), url, () => Promise.all([noteUsed(url.pathname), updateSaved()])),
);

// ── Files ──

for (const method of /** @type {const} */ (["GET", "HEAD"]))
  registerRoute(
    ({ url, sameOrigin }) => sameOrigin && url.pathname.startsWith("/media/"),
    async ({ request, url }) => {
      const kept = await savedFile(url.pathname);
      // A media file's name is its hash, and the server's ETag says the same.
      if (kept) return answerRange(kept, request, `"${/[0-9a-f]{64}/.exec(url.pathname)?.[0]}"`);
      return fetch(request).catch((error) => blank(request, error));
    },
    method,
  );

/**
 * Without a network an empty picture is calmer than a broken one; its words are still there for who hears the page.
 * @param {Request} request
 * @param {unknown} error
 */
function blank(request, error) {
  if (request.destination !== "image") throw error;
  const empty = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 10"/>';
  return new Response(empty, { headers: { "Content-Type": "image/svg+xml" } });
}

/** A badge must have its picture wherever its owner shows it, long after the playlist is gone. */
const pictures = new StaleWhileRevalidate({ cacheName: "badge-pictures" });

registerRoute(
  ({ url, sameOrigin }) => sameOrigin && /^\/(achievements|credentials)\/[^/]+(\/image\.svg|\.png)$/.test(url.pathname),
  async ({ event, request, url }) => (await savedFile(url.pathname)) ?? pictures.handle({ event, request }),
);

registerRoute(
  ({ url, sameOrigin }) => sameOrigin && (url.pathname.startsWith("/static/") || url.pathname.endsWith(".webmanifest")),
  async ({ event, request, url }) => (await fileOf(url.pathname)) ?? fetchFile(event, request, url.pathname),
);

/**
 * @param {any} event
 * @param {Request} request
 * @param {string} path
 */
async function fetchFile(event, request, path) {
  const reply = await fetch(request);
  const kept = reply.ok && __DECODER__.includes(path) && reply.clone();
  if (kept) event.waitUntil(caches.open(NAME).then((cache) => cache.put(path, kept)));
  return reply;
}

// ── Life ──

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(bringAll()));

/** A new version must not take over before it can do all that the old one could: until then it is tried again. */
async function bringAll() {
  await bringFiles();
  const known = await languages();
  for (const lang of known) await keepLayout(lang);
  await keepRepair(known);
  await sendOfFirstVisit().catch(console.warn);
}

/** A first visit may be over before its page could send: nothing else would, until somebody comes again. */
async function sendOfFirstVisit() {
  if (!worker.registration.active && (await waitingCount())) await syncAll();
}

worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(begin()));

async function begin() {
  await worker.registration.navigationPreload?.enable();
  await worker.clients.claim();
}

worker.addEventListener("message", (/** @type {any} */ event) => {
  const { type } = event.data ?? {};
  if (type === "activate") event.waitUntil(takeOver(event.data.quietly).then((why) => event.ports[0]?.postMessage(why)));
  if (type === "sync") event.waitUntil(syncAll());
  if (type === "keep") event.waitUntil(keepAll(event.data).then((kept) => answer(event, kept)));
});

/**
 * @param {{lang: string, path: string, decoder: boolean}} what path: of the page that is open: the first one came before we were here
 * @returns {Promise<{kept: boolean, first?: boolean}>} kept: all of it is here · first: for the first time in this browser
 */
async function keepAll({ lang, path, decoder }) {
  try {
    const first = (await languages()).length === 0;
    const [kept] = await Promise.all([keep(lang, path), decoder && bringDecoder()]);
    return { kept, first: kept && first };
  } catch (error) {
    console.warn("not kept", error);
    return { kept: false };
  }
}

/**
 * @param {string} lang
 * @param {string} path
 * @returns {Promise<boolean>} false when the city has given this language up, or a page did not come
 */
async function keep(lang, path) {
  if (!(await keepLayout(lang))) return false;
  const whole = await keepPersonal(lang);
  await rememberLanguage(lang);
  await keepRepairIn(lang);
  await keepOpenPage(path);
  await forgetOtherVersions();
  return whole;
}

/**
 * @param {any} event
 * @param {{kept: boolean, first?: boolean}} what
 */
function answer({ source, ports, data: { lang } }, { kept, first }) {
  ports[0]?.postMessage(kept);
  if (kept) source?.postMessage({ type: "ready", lang, first });
}

worker.addEventListener("sync", (/** @type {any} */ event) => {
  event.waitUntil(sendWhatWaits());
});

// Where the browser grants it, now and then without a page; and whenever the server says that there is news.
worker.addEventListener("periodicsync", (/** @type {any} */ event) => {
  event.waitUntil(syncAll({ patient: true }));
});
worker.addEventListener("push", (/** @type {any} */ event) => {
  event.waitUntil(Promise.all([syncAll(), showTold(event.data?.json() ?? null)]));
});
worker.addEventListener("notificationclick", (/** @type {any} */ event) => event.waitUntil(openTold(event.notification)));
worker.addEventListener("pushsubscriptionchange", (/** @type {any} */ event) => event.waitUntil(renewTelling()));

/** The browser tries again later when this fails; nothing else would, with no page open. */
async function sendWhatWaits() {
  const outcome = await syncAll();
  if (outcome === "offline" || outcome === "failed" || outcome === "wait") throw new Error(outcome);
  await updateSaved();
}
