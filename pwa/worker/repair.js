/** The page that opens when all else fails: kept by itself, with its own files, and found by nothing but its address. */

import { lastPage } from "./last-page.js";

const NAME = "repair";
const PATH = /^(\/[a-z]{2,3}(-[A-Za-z]+)?)?\/repair$/;

/**
 * Keep the page in some languages, and once more for whoever asks in another.
 * @param {string[]} languages
 */
export async function keepRepair(languages) {
  await Promise.all(["/repair", ...languages.map((lang) => `/${lang}/repair`)].map(keepPage));
}

/**
 * Keep the page in a language that has just come into use.
 * @param {string} lang
 */
export async function keepRepairIn(lang) {
  const path = `/${lang}/repair`;
  if (!(await (await caches.open(NAME)).match(path))) await keepPage(path);
}

/** @param {string} path */
async function keepPage(path) {
  const reply = await fetch(path, { cache: "no-cache", redirect: "error" });
  if (!reply.ok) return;
  const cache = await caches.open(NAME);
  const files = (await reply.clone().text()).matchAll(/(?:src|href)="(\/static\/[^"]+)"/g);
  await Promise.all([...files].map(async ([, file]) => (await cache.match(file)) || cache.add(file)));
  await cache.put(path, reply);
}

/** @param {any} event */
export function answerRepair(event) {
  const url = new URL(event.request.url);
  const isPage = event.request.mode === "navigate" && PATH.test(url.pathname);
  const isFile = /^\/static\/dist\/repair-[^/]+$/.test(url.pathname);
  if (url.origin !== location.origin || !(isPage || isFile)) return;
  event.stopImmediatePropagation();
  event.respondWith(isPage ? page(event, url.pathname) : file(event.request, url.pathname));
}

/**
 * From the network while there is one: it may have been mended there.
 * @param {any} event
 * @param {string} path
 */
async function page(event, path) {
  const network = fromNetwork(event);
  event.waitUntil(network.catch(() => {}));
  const cache = await caches.open(NAME);
  const kept = (await cache.match(path)) ?? (await cache.match("/repair"));
  if (!kept) return network.catch(() => lastPage(new URL(path, location.origin)));
  return Promise.race([network, late()]).then((reply) => (reply?.ok ? reply : kept), () => kept);
}

const late = () => new Promise((resolve) => setTimeout(resolve, 2500, null));

/** @param {any} event @returns {Promise<Response>} */
const fromNetwork = async ({ preloadResponse, request }) => (await preloadResponse) ?? fetch(request);

/**
 * @param {Request} request
 * @param {string} path
 */
async function file(request, path) {
  return (await (await caches.open(NAME)).match(path)) ?? fetch(request);
}
