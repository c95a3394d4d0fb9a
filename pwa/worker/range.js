/** Answers a request for a stretch of a kept file: players of sound and video ask for nothing else (RFC 9110, 14). */

/**
 * @param {Response} whole
 * @param {string | null} range the request's Range header
 * @returns {Promise<Response>}
 */
export async function answerRange(whole, range) {
  const asked = range && /^bytes=(\d*)-(\d*)$/.exec(range.trim());
  if (!asked || (!asked[1] && !asked[2])) return whole;
  const bytes = await whole.arrayBuffer();
  const size = bytes.byteLength;
  const first = asked[1] ? Number(asked[1]) : Math.max(0, size - Number(asked[2]));
  const last = asked[1] && asked[2] ? Math.min(Number(asked[2]), size - 1) : size - 1;
  const headers = new Headers(whole.headers);
  headers.set("Accept-Ranges", "bytes");
  if (first > last) {
    headers.set("Content-Range", `bytes */${size}`);
    headers.delete("Content-Length");
    return new Response(null, { status: 416, headers });
  }
  headers.set("Content-Range", `bytes ${first}-${last}/${size}`);
  headers.set("Content-Length", `${last - first + 1}`);
  return new Response(bytes.slice(first, last + 1), { status: 206, headers });
}
