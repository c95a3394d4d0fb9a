/** The only fetch: talks to our server and tells apart what to do next. */

/** The server was not reached: wait and try again. */
export class Offline extends Error {}

/** Something else answered in its place: a Wi-Fi that wants to be signed in to first. */
export class Elsewhere extends Offline {}

/** The server asks for patience (429, 503). */
export class Later extends Error {
  /** @param {number} ms */
  constructor(ms) {
    super(`later, in ${ms} ms`);
    this.ms = ms;
  }
}

/** The server says no, and why: RFC 9457. */
export class Rejected extends Error {
  /**
   * @param {number} status
   * @param {Problem} problem
   */
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

const TIMEOUT_MS = 20_000;

/**
 * @typedef {{learner: string, device: string, sign: (bytes: Uint8Array<ArrayBuffer>) => Promise<string>}} Signer
 */

/**
 * Push and pull.
 * @param {Uint8Array<ArrayBuffer>} body
 * @param {string} signature over those bytes
 * @param {number} [timeout] ms
 * @returns {Promise<SyncReply>}
 */
export async function postSync(body, signature, timeout) {
  const headers = { "Content-Type": "application/json", "Sync-Proto": "1", "Sync-Signature": signature };
  return json(await call("/api/sync", { method: "POST", headers, body }, timeout));
}

/**
 * How many bytes of a file does the server have.
 * @param {BlobRef} blob
 * @param {Signer} signer
 * @returns {Promise<number>}
 */
export async function blobOffset(blob, signer) {
  try {
    const reply = await blobCall("HEAD", blob, 0, signer);
    const offset = reply.headers.get("Upload-Offset");
    return offset === null ? blob.size : Number(offset);
  } catch (error) {
    if (error instanceof Rejected && error.status === 404) return 0;
    throw error;
  }
}

/**
 * @param {BlobRef & {bytes: ArrayBuffer}} blob
 * @param {Signer} signer
 * @param {number} [timeout] ms
 */
export async function putBlob(blob, signer, timeout) {
  await blobCall("PUT", blob, 0, signer, { body: blob.bytes, headers: { "Content-Type": blob.mime }, timeout });
}

/**
 * Send one piece.
 * @param {BlobRef & {bytes: ArrayBuffer}} blob
 * @param {number} offset
 * @param {number} length
 * @param {Signer} signer
 * @param {number} [timeout] ms
 * @returns {Promise<number>} the next offset
 */
export async function patchBlob(blob, offset, length, signer, timeout) {
  const body = blob.bytes.slice(offset, offset + length);
  const headers = {
    "Content-Type": blob.mime,
    "Upload-Offset": `${offset}`,
    "Upload-Length": `${blob.size}`,
  };
  const reply = await blobCall("PATCH", blob, offset, signer, { body, headers, timeout });
  return Number(reply.headers.get("Upload-Offset") ?? offset + body.byteLength);
}

/**
 * The manifest of a playlist, or null when the version behind `etag` still holds.
 * @param {string} id
 * @param {string} lang
 * @param {string | null} [etag]
 * @returns {Promise<{bundle: Bundle, etag: string} | null>}
 */
export async function getBundle(id, lang, etag) {
  const headers = etag ? { "If-None-Match": etag } : undefined;
  const reply = await call(`/api/playlists/${id}/bundle?lang=${lang}`, { headers, cache: "no-cache" });
  if (reply.status === 304) return null;
  return { bundle: await json(reply), etag: reply.headers.get("ETag") ?? "" };
}

/**
 * A page or a picture of a bundle; the caller checks its hash.
 * @param {string} url
 * @param {RequestInit} [init]
 * @returns {Promise<Response>}
 */
export function getFile(url, init) {
  return call(url, { ...init }, TIMEOUT_MS, () => true);
}

/**
 * Ask the server which stop a typed code belongs to, for a stop that is not saved here.
 * @param {string} typed 8 characters
 * @returns {Promise<{url: string, activity?: string | null, achievement?: string | null, title?: string, point?: string, place?: Place}>}
 */
export async function lookUpTyped(typed) {
  return json(await post("/api/typed", { typed }));
}

/**
 * Send what needs no signature.
 * @param {string} path
 * @param {object} body
 */
export function post(path, body) {
  return call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

/**
 * What the server knows of a session, for a device at its door.
 * @param {{occurrence: string, lang: string}} which
 * @param {Pick<Signer, "device" | "sign">} signer
 * @param {string | null} etag
 * @returns {Promise<{reply: DoorReply, etag: string | null} | null>} null when what was said behind `etag` still holds
 */
export async function getDoor({ occurrence, lang }, signer, etag) {
  const headers = etag ? { "If-None-Match": etag } : undefined;
  const reply = await signedCall("GET", `/api/door/${occurrence}`, 0, signer, { headers, cache: "no-store", query: `?lang=${lang}` });
  return reply.status === 304 ? null : { reply: await json(reply), etag: reply.headers.get("ETag") };
}

/**
 * @param {"HEAD" | "PUT" | "PATCH"} method
 * @param {BlobRef} blob
 * @param {number} offset
 * @param {Signer} signer
 * @param {Content} [content]
 */
function blobCall(method, blob, offset, signer, content) {
  return signedCall(method, `/api/blobs/${blob.sha256}`, offset, signer, content);
}

/**
 * @typedef {{headers?: Record<string, string>, body?: ArrayBuffer | string, timeout?: number, cache?: RequestCache, query?: string, signed?: string}} Content query: not signed · signed: what is signed in the place of method and path
 *
 * @param {"DELETE" | "GET" | "HEAD" | "POST" | "PUT" | "PATCH"} method
 * @param {string} path
 * @param {number | string} offset or the SHA-256 of the body, where the call has no pieces
 * @param {Pick<Signer, "device" | "sign">} signer
 * @param {Content} [content]
 */
export async function signedCall(method, path, offset, signer, { timeout, query = "", signed, ...content } = {}) {
  const signature = await signer.sign(new TextEncoder().encode(signed ?? `${method} ${path} ${offset}`));
  const headers = {
    ...content.headers,
    "Sync-Proto": "1",
    "Sync-Device": signer.device,
    "Sync-Signature": signature,
  };
  return call(path + query, { method, ...content, headers }, timeout);
}

/**
 * @param {string} path
 * @param {RequestInit} init
 * @param {number} [timeout]
 * @param {(reply: Response) => boolean} [isOurs]
 * @returns {Promise<Response>}
 */
async function call(path, init, timeout = TIMEOUT_MS, isOurs = speaksSync) {
  const reply = await reach(path, init, timeout);
  if (reply.status === 429 || reply.status === 503) throw new Later(retryAfter(reply));
  if (reply.type === "opaqueredirect" || !isOurs(reply)) throw new Elsewhere("another server answered");
  if (reply.status >= 400) throw new Rejected(reply.status, await problemOf(reply));
  return reply;
}

/**
 * @param {string} path
 * @param {RequestInit} init
 * @param {number} timeout
 */
async function reach(path, init, timeout) {
  try {
    return await fetch(path, {
      ...init,
      signal: deadline(timeout),
      redirect: "manual", // ours never redirects; who does is no server of ours
    });
  } catch (error) {
    throw new Offline(String(error));
  }
}

/**
 * AbortSignal.timeout is missing in Safari 15.
 * @param {number} ms
 */
function deadline(ms) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), Math.max(1, ms));
  /** @type {any} */ (timer).unref?.(); // in Node, don't keep a test alive
  return abort.signal;
}

/** @param {Response} reply */
const speaksSync = (reply) => reply.headers.has("Sync-Proto");

/**
 * The body may break off, too.
 * @param {Response} reply
 */
async function json(reply) {
  try {
    return await reply.json();
  } catch (error) {
    throw new Offline(String(error));
  }
}

/** @param {Response} reply */
async function problemOf(reply) {
  return reply.json().catch(() => ({ status: reply.status }));
}

/**
 * Seconds or a date (RFC 9110, 10.2.3).
 * @param {Response} reply
 */
function retryAfter(reply) {
  const value = reply.headers.get("Retry-After");
  const ms = value && (/^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now());
  return ms && ms > 0 ? Math.min(ms, 3_600_000) : 30_000;
}
