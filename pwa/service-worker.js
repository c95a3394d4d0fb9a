/** The service worker: keeps the app and saved pages at hand, and answers when the network does not. */

import { cleanupOutdatedCaches, precacheAndRoute } from "workbox-precaching";
import { registerRoute } from "workbox-routing";
import { CacheFirst, StaleWhileRevalidate } from "workbox-strategies";
import { updateSaved } from "./app/actions/saved-playlists.js";
import { syncAll } from "./app/sync/all.js";
import { savedFile } from "./worker/kept.js";
import { forgetOldLayouts, keepLayout, languages, layoutFile, rememberLanguage } from "./worker/layouts.js";
import { openPage } from "./worker/navigate.js";
import { keepOpenPage, keepPersonal } from "./worker/pages.js";
import { answerRange } from "./worker/range.js";

/** TypeScript knows windows or workers, not both. @type {any} */
const worker = self;

precacheAndRoute(__PRECACHE__, { cleanURLs: false, directoryIndex: /** @type {any} */ (null) });
cleanupOutdatedCaches();

// ── Pages ──

/** Places that only make sense with the server. */
const NEVER_KEPT = /^\/(api|desk)\//;

registerRoute(
  ({ request, url, sameOrigin }) => sameOrigin && request.mode === "navigate" && !NEVER_KEPT.test(url.pathname),
  ({ event, url }) => openPage(/** @type {any} */ (event), url, () => updateSaved()),
);

// ── Files ──

registerRoute(
  ({ url, sameOrigin }) => sameOrigin && url.pathname.startsWith("/media/"),
  async ({ request, url }) => {
    const kept = await savedFile(url.pathname);
    if (kept) return answerRange(kept, request.headers.get("Range"));
    return fetch(request).catch((error) => blank(request, error));
  },
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

const decoder = new CacheFirst({ cacheName: "decoder" });

registerRoute(
  ({ url, sameOrigin }) => sameOrigin && __DECODER__.includes(url.pathname),
  ({ event, request }) => decoder.handle({ event, request }),
);

registerRoute(
  ({ url, sameOrigin }) => sameOrigin && (url.pathname.startsWith("/static/") || url.pathname.endsWith(".webmanifest")),
  async ({ request, url }) => (await layoutFile(url.pathname)) ?? fetch(request),
);

// ── Life ──

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(bringLayouts()));

/** A new version must not take over before it can show pages: without its layouts it waits and is tried again. */
async function bringLayouts() {
  for (const lang of await languages()) await keepLayout(lang);
}

worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(begin()));

async function begin() {
  await worker.registration.navigationPreload?.enable();
  await forgetOldLayouts();
  await forgetOldDecoders();
  await worker.clients.claim();
}

async function forgetOldDecoders() {
  const cache = await caches.open("decoder");
  const old = (await cache.keys()).filter(({ url }) => !__DECODER__.includes(new URL(url).pathname));
  for (const request of old) await cache.delete(request);
  if (old.length) await keepDecoder();
}

async function keepDecoder() {
  const cache = await caches.open("decoder");
  for (const url of __DECODER__) if (!(await cache.match(url))) await cache.add(url);
}

worker.addEventListener("message", (/** @type {any} */ event) => {
  const { type, lang, path } = event.data ?? {};
  if (type === "activate") worker.skipWaiting();
  if (type === "sync") event.waitUntil(syncAll());
  if (type === "keep") event.waitUntil(keep(lang, path).then((first) => answer(event.source, { lang, first })));
  if (type === "keep" && event.data.decoder) event.waitUntil(keepDecoder());
});

/**
 * @param {string} lang
 * @param {string} path of the page that is open: the first one came before we were here
 * @returns {Promise<boolean>} true when this was the first time in this browser
 */
async function keep(lang, path) {
  const first = (await languages()).length === 0;
  if (!(await keepLayout(lang))) return false;
  await keepPersonal(lang);
  await rememberLanguage(lang);
  await keepOpenPage(path);
  return first;
}

/**
 * @param {any} client
 * @param {{lang: string, first: boolean}} what
 */
function answer(client, { lang, first }) {
  client?.postMessage({ type: "ready", lang, first });
}

worker.addEventListener("sync", (/** @type {any} */ event) => {
  event.waitUntil(sendWhatWaits());
});

// Where the browser grants it, now and then without a page; and whenever the server says that there is news.
worker.addEventListener("periodicsync", (/** @type {any} */ event) => {
  event.waitUntil(syncAll({ patient: true }));
});
worker.addEventListener("push", (/** @type {any} */ event) => {
  event.waitUntil(syncAll());
});

/** The browser tries again later when this fails. */
async function sendWhatWaits() {
  const outcome = await syncAll();
  if (outcome === "offline" || outcome === "failed") throw new Error(outcome);
  await updateSaved();
}
