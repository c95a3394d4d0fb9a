/** Files kept for use with no network (parts of pages, pictures, sounds), each under the hash of its content. */

const CACHE = "kept";

/** Pages that somebody looked at lately: nice to have. */
const VISITED = "visited-pages";

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
 * @param {string} hash of `bytes`, checked by the caller
 * @param {ArrayBuffer} bytes
 * @param {string} mime
 */
export async function keepFile(hash, bytes, mime) {
  const headers = { "Content-Type": mime, "Content-Length": `${bytes.byteLength}`, ETag: `"${hash}"` };
  await (await caches.open(CACHE)).put(address(hash), new Response(bytes, { headers }));
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
  for (const hash of await keptHashes()) if (!needed.has(hash)) await cache.delete(address(hash));
}
