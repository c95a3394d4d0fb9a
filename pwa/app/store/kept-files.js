/** Files kept for use with no network (parts of pages, pictures, sounds), each under the hash of its content. */

import { isFull } from "./ballast.js";

const CACHE = "kept";

/** Pages that somebody looked at lately: nice to have. */
const VISITED = "visited-pages";

/** The browser counts what was removed out of a cache a moment later, a busy phone several seconds later. */
const COUNTED_WITHIN_MS = 10_000;

/** When files were last removed, `performance.now()`. */
let removedAt = -Infinity;

/** @param {string} hash hex SHA-256 */
const address = (hash) => `/kept/${hash}`;

/**
 * @param {string} hash
 * @returns {Promise<Response | undefined>}
 */
export async function keptFile(hash) {
  return (await caches.open(CACHE)).match(address(hash));
}

/**
 * Keep a file. Right after others were removed it waits for their room.
 * @param {string} hash of `bytes`, checked by the caller
 * @param {ArrayBuffer} bytes
 * @param {string} mime
 * @throws {DOMException} QuotaExceededError when there is no room
 */
export async function keepFile(hash, bytes, mime) {
  const headers = { "Content-Type": mime, "Content-Length": `${bytes.byteLength}`, ETag: `"${hash}"` };
  const cache = await caches.open(CACHE);
  for (;;) {
    try {
      return await cache.put(address(hash), new Response(bytes, { headers }));
    } catch (error) {
      if (!isFull(error) || performance.now() - removedAt > COUNTED_WITHIN_MS) throw error;
      await new Promise((go) => setTimeout(go, 250));
    }
  }
}

/** @param {string} hash of a file that turned out to be damaged */
export async function forgetFile(hash) {
  await (await caches.open(CACHE)).delete(address(hash));
}

/** @returns {Promise<Set<string>>} the hashes of all files that are here */
export async function keptHashes() {
  const requests = await (await caches.open(CACHE)).keys();
  return new Set(requests.map(({ url }) => url.slice(url.lastIndexOf("/") + 1)));
}

/** Remove the pages that were visited lately. */
export async function forgetVisited() {
  await caches.delete(VISITED);
}

/**
 * Remove all files but some.
 * @param {Set<string>} needed hashes
 */
export async function forgetFilesExcept(needed) {
  const cache = await caches.open(CACHE);
  for (const hash of await keptHashes())
    if (!needed.has(hash) && (await cache.delete(address(hash)))) removedAt = performance.now();
}
