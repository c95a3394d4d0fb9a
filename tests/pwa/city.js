/** A small server behind `fetch`: checks signatures and chains of many devices, judges each event once, keeps a feed; and can misbehave. */

import assert from "node:assert/strict";
import { fromBase64url, toBase64url, utf8 } from "../../pwa/app/sync/bytes.js";

/** @param {string} p */
export const open = (p) => JSON.parse(new TextDecoder().decode(fromBase64url(p)));

/** @param {string} p */
export const digest = async (p) => toBase64url(await crypto.subtle.digest("SHA-256", utf8(p)));

const KIND = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const HEADERS = { "Sync-Proto": "1", "Content-Type": "application/json" };

/** Start a server with no memory; `fetch` leads to it until another one starts. */
export function startCity() {
  const city = {
    epoch: "e1",
    anchor: "a1",
    /** @type {Set<string>} devices whose hello no invitation opened yet */
    strangers: new Set(),
    pageRows: 500,
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
    /** @type {Map<string, string>} former ids of learners, and who they turned out to be */
    merged: new Map(),
    /** @type {any} how to judge an event; ok when not said */
    judge: (/** @type {any} */ _event) => ({ state: "ok" }),
    /** @type {((path: string, init: any) => Response | undefined)[]} things that happen instead, each once */
    instead: [],
    loseReply: false,
    /** @type {((path: string) => Promise<void>) | null} waits here between judging and replying */
    beforeReply: null,
    say: (/** @type {string} */ key, /** @type {any} */ row, op = "put") =>
      city.rows.push({ ver: city.rows.length + 1, key, op, row }),
  };
  globalThis.fetch = /** @type {any} */ (
    async (/** @type {string} */ path, /** @type {any} */ init = {}) => {
      const instead = city.instead.shift()?.(path, init);
      if (instead) return instead;
      const reply = path === "/api/sync" ? await answer(city, init) : await takeBlob(city, path, init);
      await city.beforeReply?.(path);
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
  await checkSender(city, request, init);
  const [feed] = Object.keys(request.cursors);
  if (!feed) return new Response(JSON.stringify({ epoch: city.epoch, results, feeds: {}, missing: [], want_blobs: [] }), { headers: HEADERS });
  const stranger = (request.epoch && request.epoch !== city.epoch) || request.cursors[feed] > city.rows.length;
  const fresh = stranger ? 0 : request.cursors[feed];
  const rows = city.rows.filter((row) => row.ver > fresh).slice(0, city.pageRows);
  const next = rows.at(-1)?.ver ?? city.rows.length;
  const part = {
    rows,
    next,
    more: next < city.rows.length,
    ...(fresh !== request.cursors[feed] && { reset: true }),
  };
  const reply = {
    ...{ epoch: city.epoch, now: Date.now(), anchor: { id: city.anchor, at: Date.now(), mac: "m" }, results },
    ...{ feeds: city.strangers.has(request.device) ? {} : { [feed]: part }, missing: city.missing, want_blobs: city.wanted, next_s: 300 },
  };
  city.missing = [];
  const learner = city.merged.get(request.learner);
  const told = learner ? { ...reply, feeds: {}, learner } : reply;
  return new Response(JSON.stringify(told), { headers: HEADERS });
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
  const hello = event.type === "device.hello" ? event : helloOf(city, event.device);
  if (!hello && city.strangers.has(event.device)) return { id: event.id, state: "later", why: "unknown_device", retry_s: 60 };
  assert.ok(hello, "said hello first");
  const now = (/** @type {string} */ learner) => city.merged.get(learner) ?? learner;
  assert.equal(now(hello.learner), now(event.learner), "signed by a device of its learner");
  assert.ok(await signed(hello.body.key, p, s), "signature holds");
  const broken = await chainBroken(city, event, p);
  const verdict = { id: event.id, ...(broken ?? city.judge(event)) };
  if (event.type === "device.hello") city.strangers[verdict.state === "later" && !helloOf(city, event.device) ? "add" : "delete"](event.device);
  if (verdict.state !== "later") city.verdicts.set(event.id, verdict);
  if (verdict.state !== "later" && !broken) city.events.set(event.id, { ...event, p });
  return { ...verdict, durable: verdict.state !== "later" };
}

/**
 * @param {ReturnType<typeof startCity>} city
 * @param {string} device
 */
const helloOf = (city, device) =>
  [...city.events.values()].find((event) => event.device === device && event.type === "device.hello");

/**
 * The batch is signed by the device that sends it, for its own learner.
 * @param {ReturnType<typeof startCity>} city
 * @param {any} request
 * @param {any} init
 */
async function checkSender(city, request, init) {
  const hello = helloOf(city, request.device);
  if (!hello) return; // a test made the server forget
  const now = (/** @type {string} */ learner) => city.merged.get(learner) ?? learner;
  assert.equal(now(hello.learner), now(request.learner), "nobody syncs as another");
  const key = await crypto.subtle.importKey("jwk", hello.body.key, KIND, false, ["verify"]);
  assert.ok(await crypto.subtle.verify(KIND, key, fromBase64url(init.headers["Sync-Signature"]), init.body));
}

/**
 * @param {ReturnType<typeof startCity>} city
 * @param {any} event
 * @param {string} p
 */
async function chainBroken(city, event, p) {
  const chain = [...city.events.values()].filter((one) => one.device === event.device);
  const at = (/** @type {number} */ seq) => chain.find((one) => one.seq === seq);
  const before = at(event.seq - 1);
  const after = at(event.seq + 1);
  const fits = (!before || event.prev === (await digest(before.p))) && (!after || after.prev === (await digest(p)));
  if (fits && !at(event.seq)) return null;
  const end = chain.sort((a, b) => b.seq - a.seq)[0];
  return { state: "rejected", why: "chain_broken", effect: { seq: end.seq, prev: await digest(end.p) } };
}

/**
 * @param {JsonWebKey} jwk
 * @param {string} p
 * @param {string} s
 */
async function signed(jwk, p, s) {
  const key = await crypto.subtle.importKey("jwk", jwk, KIND, false, ["verify"]);
  return crypto.subtle.verify(KIND, key, fromBase64url(s), fromBase64url(p));
}

/**
 * @param {ReturnType<typeof startCity>} city
 * @param {string} path
 * @param {any} init
 */
async function takeBlob(city, path, { method, headers, body }) {
  const hash = path.split("/").at(-1) ?? "";
  const have = city.blobs.get(hash) ?? new Uint8Array();
  const hello = helloOf(city, headers["Sync-Device"]);
  const said = utf8(`${method} ${path} ${method === "PATCH" ? headers["Upload-Offset"] : 0}`);
  assert.ok(hello && (await signed(hello.body.key, toBase64url(said), headers["Sync-Signature"])), "the file's own device signed");
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
