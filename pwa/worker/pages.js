/** Keeps parts of pages that no playlist brings: the personal ones, and those that were visited lately. */

import { partOf } from "./compose.js";
import { savedPart } from "./kept.js";

const OWN = "own-pages";
const VISITED = "visited-pages";
const MOST_VISITED = 30;

/** What the learner's phone must show with no network, in each language used. */
const PERSONAL = [
  "scan", "learning", "badges", "people", "phones", "pass", "join", "account", "enter", "my-data", "door", "take", "class",
  "privacy", "offline", "",
];

const PERSONAL_PATH =
  /^\/[a-z]{2,3}(-[A-Za-z]+)?\/(scan|learning|badges|people|phones|pass|join|account|enter|my-data|door|take|class|offline)$/;
const PUBLIC_PATH = /^\/([a-z]{2,3}(-[A-Za-z]+)?\/(privacy|playlists\/[^/]+|activities\/[^/]+|achievements\/[^/]+)?|[sS]\/[^/]+)$/;

/** Pages that hold nothing of the server's: the kept one is as good as a new one. @param {string} path */
export const isPersonal = (path) => PERSONAL_PATH.test(path);

/**
 * Keep the personal pages of a language that are not here.
 * @param {string} lang
 * @returns {Promise<boolean>} true when all of them are here now
 */
export async function keepPersonal(lang) {
  const cache = await caches.open(OWN);
  const paths = PERSONAL.map((name) => `/${lang}/${name}`);
  await Promise.all(paths.map(async (path) => (await cache.match(path)) || refreshPersonal(path, lang)));
  return (await Promise.all(paths.map((path) => cache.match(path)))).every(Boolean);
}

/**
 * @param {string} path
 * @param {string} lang
 */
export async function refreshPersonal(path, lang) {
  const reply = await fetch(`${path}?part=1`, { cache: "no-cache", redirect: "error" });
  const html = reply.ok && reply.headers.has("Content-Language") && partOf(await reply.text());
  if (html) await put(OWN, path, { html, lang });
}

/**
 * Keep the page that somebody looks at, unless it is here.
 * @param {string} path
 */
export async function keepOpenPage(path) {
  const url = new URL(path, location.origin);
  if (!PUBLIC_PATH.test(path) || (await savedPart(url)) || (await keptPart(url))) return;
  await keepVisited(url, await fetch(`${path}?part=1`, { redirect: "error" }));
}

/**
 * Keep a page that has just been shown, when it is the same for everyone.
 * @param {URL} url
 * @param {Response} reply
 */
export async function keepVisited(url, reply) {
  const lang = reply.headers.get("Content-Language");
  const isPublic = reply.headers.get("Cache-Control")?.includes("public");
  if (!reply.ok || !lang || !isPublic || !PUBLIC_PATH.test(url.pathname)) return;
  const html = partOf(await reply.text());
  if (!html) return;
  await put(VISITED, url.pathname, { html, lang });
  const cache = await caches.open(VISITED);
  const all = await cache.keys();
  for (const old of all.slice(0, Math.max(0, all.length - MOST_VISITED))) await cache.delete(old);
}

/**
 * What somebody looked at lately is newer than what was brought along once.
 * @param {URL} url
 * @returns {Promise<import("./kept.js").Part | null>}
 */
export async function keptPart({ pathname: path }) {
  for (const name of [VISITED, OWN]) {
    const found = await (await caches.open(name)).match(path);
    if (found) return { html: await found.text(), lang: found.headers.get("Content-Language") ?? "en", path };
  }
  return null;
}

/**
 * @param {string} cacheName
 * @param {string} path
 * @param {{html: string, lang: string}} part
 */
async function put(cacheName, path, { html, lang }) {
  const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Language": lang };
  const cache = await caches.open(cacheName);
  await cache.delete(path); // so that it stands last, as the newest
  await cache.put(path, new Response(html, { headers }));
}
