/** A small server behind `fetch`: checks signatures and the chain, judges each event once, keeps a feed; and can misbehave. */

import assert from "node:assert/strict";
import { fromBase64url, toBase64url, utf8 } from "../../pwa/app/sync/bytes.js";

/** @param {string} p */
export const open = (p) => JSON.parse(new TextDecoder().decode(fromBase64url(p)));

/** @param {string} p */
export const digest = async (p) => toBase64url(await crypto.subtle.digest("SHA-256", utf8(p)));

const HEADERS = { "Sync-Proto": "1", "Content-Type": "application/json" };

/** Start a server with no memory; `fetch` leads to it until another one starts. */
export function startCity() {
  const city = {
    epoch: "e1",
    /** @type {Map<string, any>} events by id */
    events: new Map(),
    /** @type {Map<string, any>} verdicts by event id */
    verdicts: new Map(),
    /** @type {any[]} */
    rows: [],
    /** @type {any[]} requests as they came */
    batches: [],
    /** @type {Map<string, Uint8Array>} */
    blobs: new Map(),
    /** @type {string[]} */
    wanted: [],
    /** @type {any[]} */
    missing: [],
    /** @type {any} how to judge an event; ok when not said */
    judge: (/** @type {any} */ _event) => ({ state: "ok" }),
    /** @type {((path: string, init: any) => Response | undefined)[]} things that happen instead, each once */
    instead: [],
    loseReply: false,
    say: (/** @type {string} */ key, /** @type {any} */ row, op = "put") =>
      city.rows.push({ ver: city.rows.length + 1, key, op, row }),
  };
  globalThis.fetch = /** @type {any} */ (
    async (/** @type {string} */ path, /** @type {any} */ init = {}) => {
      const instead = city.instead.shift()?.(path, init);
      if (instead) return instead;
      const reply = path === "/api/sync" ? await answer(city, init) : await takeBlob(city, path, init);
      if (city.loseReply) throw new TypeError("network gone");
      return reply;
    }
  );
  return city;
}

/** Whatever is sent now fails as if there were no network. */
export function noNetwork() {
  globalThis.fetch = () => Promise.reject(new TypeError("no network"));
}

/**
 * @param {ReturnType<typeof startCity>} city
 * @param {any} init
 */
async function answer(city, init) {
  const request = JSON.parse(new TextDecoder().decode(init.body));
  city.batches.push(request);
  const results = [];
  for (const { p, s } of request.events) results.push(await apply(city, p, s));
  const [feed] = Object.keys(request.cursors);
  const fresh = request.epoch && request.epoch !== city.epoch ? 0 : request.cursors[feed];
  const rows = city.rows.filter((row) => row.ver > fresh);
  const part = {
    rows,
    next: city.rows.length,
    more: false,
    ...(fresh !== request.cursors[feed] && { reset: true }),
  };
  const reply = {
    ...{ epoch: city.epoch, now: Date.now(), anchor: { id: "a1", at: Date.now(), mac: "m" }, results },
    ...{ feeds: { [feed]: part }, missing: city.missing, want_blobs: city.wanted, next_s: 300 },
  };
  city.missing = [];
  return new Response(JSON.stringify(reply), { headers: HEADERS });
}

/**
 * @param {ReturnType<typeof startCity>} city
 * @param {string} p
 * @param {string} s
 */
async function apply(city, p, s) {
  const event = open(p);
  const first = city.verdicts.get(event.id);
  if (first) return { ...first, state: "dup", verdict: first.state, durable: true };
  const hello =
    event.type === "device.hello" ? event : [...city.events.values()].find((e) => e.type === "device.hello");
  assert.ok(hello, "said hello first");
  assert.ok(await signed(hello.body.key, p, s), "signature holds");
  const verdict = { id: event.id, ...city.judge(event) };
  if (verdict.state !== "later") {
    city.events.set(event.id, { ...event, p });
    city.verdicts.set(event.id, verdict);
  }
  return { ...verdict, durable: verdict.state !== "later" };
}

/**
 * @param {JsonWebKey} jwk
 * @param {string} p
 * @param {string} s
 */
async function signed(jwk, p, s) {
  const kind = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("jwk", jwk, kind, false, ["verify"]);
  return crypto.subtle.verify(kind, key, fromBase64url(s), fromBase64url(p));
}

/**
 * @param {ReturnType<typeof startCity>} city
 * @param {string} path
 * @param {any} init
 */
async function takeBlob(city, path, { method, headers, body }) {
  const hash = path.split("/").at(-1) ?? "";
  const have = city.blobs.get(hash) ?? new Uint8Array();
  assert.ok(headers["Sync-Device"] && headers["Sync-Signature"]);
  if (method === "HEAD") {
    const offset = { ...HEADERS, "Upload-Offset": `${have.length}` };
    return new Response(null, { status: have.length ? 200 : 404, headers: have.length ? offset : HEADERS });
  }
  if (method === "PATCH") assert.equal(Number(headers["Upload-Offset"]), have.length);
  const more = new Uint8Array(body);
  const whole = new Uint8Array(method === "PUT" ? more : [...have, ...more]);
  city.blobs.set(hash, whole);
  city.wanted = city.wanted.filter(
    (one) => one !== hash || whole.length < Number(headers["Upload-Length"] ?? 0),
  );
  return new Response(null, { status: 204, headers: { ...HEADERS, "Upload-Offset": `${whole.length}` } });
}
