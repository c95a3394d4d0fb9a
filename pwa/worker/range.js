/** Answers a request for a stretch of a kept file: players of sound and video ask for nothing else (RFC 9110, 14). */

/**
 * Several stretches at once, and what is no range at all, get the whole file, as the RFC allows.
 * @param {Response} whole
 * @param {Request | {method?: string, headers: Headers}} request
 * @param {string} [etag] of the file, quoted
 * @returns {Promise<Response>}
 */
export async function answerRange(whole, { method, headers: asked }, etag = whole.headers.get("ETag") ?? "") {
  const bytes = await whole.arrayBuffer();
  const size = bytes.byteLength;
  const range = isSame(asked.get("If-Range"), etag) ? readRange(asked.get("Range"), size) : null;
  const headers = new Headers(whole.headers);
  headers.set("Accept-Ranges", "bytes");
  if (etag) headers.set("ETag", etag);
  if (method === "HEAD" || !range) {
    headers.set("Content-Length", `${size}`);
    return new Response(method === "HEAD" ? null : bytes, { status: 200, headers });
  }
  const [first, last] = range;
  if (first > last) {
    headers.set("Content-Range", `bytes */${size}`);
    headers.delete("Content-Length");
    return new Response(null, { status: 416, headers });
  }
  headers.set("Content-Range", `bytes ${first}-${last}/${size}`);
  headers.set("Content-Length", `${last - first + 1}`);
  return new Response(bytes.slice(first, last + 1), { status: 206, headers });
}

/**
 * A player that has a part of another file must get this one whole. A kept file never changes, so no date can differ.
 * @param {string | null} condition
 * @param {string} etag
 */
function isSame(condition, etag) {
  return condition === null || condition === etag;
}

/**
 * @param {string | null} range
 * @param {number} size
 * @returns {[number, number] | null} first and last byte; first > last when there is nothing there; null: no one range
 */
function readRange(range, size) {
  const asked = range && /^bytes=(\d*)-(\d*)$/i.exec(range.trim());
  if (!asked || (!asked[1] && !asked[2])) return null;
  if (!asked[1]) return [Math.max(0, size - Number(asked[2])), size - 1];
  if (asked[2] && Number(asked[2]) < Number(asked[1])) return null; // not a range, says the RFC
  return [Number(asked[1]), asked[2] ? Math.min(Number(asked[2]), size - 1) : size - 1];
}
