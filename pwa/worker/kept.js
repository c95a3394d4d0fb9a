/** Finds what saved playlists have at an address: the part of a page, or a file. */

import { sha256 } from "../app/store/blobs.js";
import { savedPlaylists } from "../app/store/bundles.js";
import { forgetFile, keptFile } from "../app/store/kept-files.js";
import { isCodePath, withArrival } from "./compose.js";

/** @typedef {{html: string, lang: string, path: string}} Part path: the page's own, also when a code led to it */

/**
 * @param {URL} url
 * @returns {Promise<Part | null>}
 */
export async function savedPart(url) {
  for (const bundle of await bundles()) {
    const isCode = isCodePath(url.pathname);
    const path = isCode ? pathOfPoint(bundle, url.pathname.slice(3)) : url.pathname;
    const page = bundle.pages.find((one) => one.url === `${path}?part=1`);
    const html = page && (await whole(page.sha256));
    // What is saved is the stop's own page, which has no room for an arrival.
    if (html) return { html: isCode ? withArrival(html) : html, lang: bundle.lang, path: /** @type {string} */ (path) };
  }
  return null;
}

/**
 * Read a kept page, if it is still what it was. One that got damaged on the disk is thrown away: the network may have
 * it, and the next look at the playlist brings it again.
 * @param {string} hash
 * @returns {Promise<string | null>}
 */
async function whole(hash) {
  try {
    const bytes = await (await keptFile(hash))?.arrayBuffer();
    if (!bytes) return null;
    if ((await sha256(bytes)) === hash) return new TextDecoder().decode(bytes);
  } catch (error) {
    console.warn("a kept page cannot be read", error);
  }
  await forgetFile(hash);
  return null;
}

/**
 * @param {string} path
 * @returns {Promise<Response | undefined>}
 */
export async function savedFile(path) {
  const named = /^\/media\/([0-9a-f]{64})\./.exec(path)?.[1];
  if (named) return keptFile(named);
  const files = (await bundles()).flatMap(({ media }) => media);
  const found = files.find(({ url }) => url === path);
  return found && keptFile(found.sha256);
}

/** @returns {Promise<Bundle[]>} those that serve now */
async function bundles() {
  // A database that does not open (private window, an upgrade that another tab holds up) must not hold up pages.
  const late = new Promise((resolve) => setTimeout(resolve, 1000, []));
  const rows = /** @type {SavedPlaylist[]} */ (await Promise.race([savedPlaylists().catch(() => []), late]));
  return rows.flatMap(({ bundle }) => bundle ?? []);
}

/**
 * @param {Bundle} bundle
 * @param {string} point
 */
function pathOfPoint({ codes, activities }, point) {
  const activity = codes.find((code) => code.point === point)?.activity;
  return activities.find(({ id }) => id === activity)?.url;
}
