/** Keeps the layout of this version of the app, in the languages that are used here, with the files it names. */

import { compose, partOf } from "./compose.js";
import { isPrecached, NAME } from "./versions.js";

/** Outlives versions: which languages this browser uses, the newest first. */
const MEMORY = "memory";
const LANGUAGES = "/languages.json";

/** @returns {Promise<string[]>} */
export async function languages() {
  return (await (await caches.open(MEMORY)).match(LANGUAGES))?.json() ?? [];
}

/** @param {string} lang */
export async function rememberLanguage(lang) {
  const before = await languages();
  if (before[0] === lang) return;
  const all = [lang, ...before.filter((one) => one !== lang)];
  await (await caches.open(MEMORY)).put(LANGUAGES, new Response(JSON.stringify(all)));
}

/**
 * Fetch a layout, unless it is here. It must be of this worker's version: its files must be ours.
 * @param {string} lang
 * @returns {Promise<boolean>} true when it is here now
 */
export async function keepLayout(lang) {
  const cache = await caches.open(NAME);
  const path = `/${lang}/shell`;
  if (await cache.match(path)) return true;
  const reply = await fetch(path, { cache: "no-cache", redirect: "error" });
  if (reply.status === 404) return false; // a language that the city has given up
  if (!reply.ok) throw new Error(`no layout: HTTP ${reply.status}`);
  const html = await reply.clone().text();
  if (!partOf(html)) throw new Error("this is no layout of ours"); // a captive portal says 200 to everything
  const files = filesOf(html);
  const foreign = files.find((url) => /-[A-Z0-9]{8}\.(js|css)$/.test(url) && !isPrecached(url));
  if (foreign) throw new Error(`this layout is of another version: ${foreign}`);
  await Promise.all(files.filter((url) => !isPrecached(url)).map((url) => keepLayoutFile(cache, url)));
  await cache.put(path, reply);
  return true;
}

/**
 * A file that the server does not have is not needed: a page without its catalogue speaks English.
 * @param {Cache} cache
 * @param {string} url
 */
async function keepLayoutFile(cache, url) {
  const reply = await fetch(url);
  if (reply.ok) await cache.put(url, reply);
}

/**
 * The whole page from a part; null when there is no layout in its language.
 * @param {import("./kept.js").Part} part
 * @param {number} [status]
 * @returns {Promise<Response | null>}
 */
export async function wholePage({ html, lang, path }, status = 200) {
  const layout = await (await caches.open(NAME)).match(`/${lang}/shell`);
  if (!layout) return null;
  const headers = new Headers(layout.headers); // the security policy above all
  for (const name of ["Content-Encoding", "Content-Length", "ETag"]) headers.delete(name);
  return new Response(compose(await layout.text(), html, path), { status, headers });
}

/** @param {string} html */
function filesOf(html) {
  const named = html.matchAll(/(?:src|href|data-messages)="([^"]+)"/g);
  const paths = [...named].map(([, url]) => new URL(url, location.origin)).filter((url) => url.origin === location.origin);
  return [...new Set(paths.map((url) => url.pathname).filter(isFile))];
}

/** @param {string} path */
const isFile = (path) => path.startsWith("/static/") || path.endsWith(".webmanifest");
