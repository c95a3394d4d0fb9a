/** Answers when a page is opened: at once from what is kept, from the network, or with the best there is. */

import { isCodePath, withArrival } from "./compose.js";
import { savedPart } from "./kept.js";
import { lastPage } from "./last-page.js";
import { languages, wholePage } from "./layouts.js";
import { isPersonal, keepVisited, keptPart, refreshPersonal } from "./pages.js";

/** How long the network may take when we have something to show instead. */
const PATIENCE_MS = 2500;

/** @typedef {{request: Request, preloadResponse?: Promise<Response | undefined>, waitUntil: (work: Promise<unknown>) => void}} Navigation */

/**
 * @param {Navigation} event
 * @param {URL} url
 * @param {() => Promise<unknown>} afterSaved called when a saved playlist's page was shown
 * @returns {Promise<Response>}
 */
export async function openPage(event, url, afterSaved) {
  const saved = await savedPart(url).catch(() => null);
  const part = saved ?? (isPersonal(url.pathname) ? await keptPart(url).catch(() => null) : null);
  const atOnce = part && (await wholePage(part).catch(() => null));
  if (atOnce) {
    event.waitUntil(Promise.resolve(event.preloadResponse).catch(() => {}));
    event.waitUntil((saved ? afterSaved() : refreshPersonal(url.pathname, part.lang)).catch(() => {}));
    return atOnce;
  }
  return fromNetwork(event, url);
}

/**
 * @param {Navigation} event
 * @param {URL} url
 * @returns {Promise<Response>}
 */
async function fromNetwork(event, url) {
  const network = ask(event);
  event.waitUntil(network.catch(() => {})); // also when we do not wait for it, the browser must not break it off
  const part = await keptPart(url).catch(() => null);
  try {
    const reply = await (part ? within(network, PATIENCE_MS) : network);
    if (reply.status < 502 || reply.status > 504) {
      event.waitUntil(keepVisited(url, reply.clone()).catch(() => {}));
      return reply;
    }
    return (await instead(part, url)) ?? reply;
  } catch (error) {
    console.warn("not reached", error);
    return (await instead(part, url).catch(() => null)) ?? lastPage(url);
  }
}

/**
 * A page that only makes sense with the server: without it, a plain word instead of the browser's error.
 * @param {Navigation} event
 * @param {URL} url
 * @returns {Promise<Response>}
 */
export async function askOnly(event, url) {
  try {
    return await ask(event);
  } catch {
    return lastPage(url);
  }
}

/**
 * The browser asks for the page while we are starting; its answer is as good as ours.
 * @param {Navigation} event
 * @returns {Promise<Response>}
 */
async function ask({ request, preloadResponse }) {
  return (await preloadResponse) ?? fetch(request);
}

/**
 * What can be shown without the network: the page as it was, else the page that says so.
 * @param {import("./kept.js").Part | null} part
 * @param {URL} url
 * @returns {Promise<Response | null>}
 */
async function instead(part, url) {
  const known = await languages();
  if (url.pathname === "/" && known[0]) return Response.redirect(`/${known[0]}/`);
  const page = part && (await wholePage(part));
  if (page) return page;
  for (const lang of [url.pathname.split("/")[1], ...known]) {
    const offline = await keptPart(new URL(`/${lang}/offline`, url));
    const html = offline && (isCodePath(url.pathname) ? withArrival(offline.html) : offline.html);
    const whole = offline && html && (await wholePage({ html, lang: offline.lang, path: url.pathname }, 503));
    if (whole) return whole;
  }
  return null;
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {number} ms
 * @returns {Promise<T>}
 */
function within(promise, ms) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("too slow")), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
