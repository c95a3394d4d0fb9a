/** A message that was told is tapped: the whole worker opens the page that it is about. */

import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import { freshPhone } from "./browser.js";
import { noNetwork } from "./city.js";

const ORIGIN = "http://town.test";

/** @type {Record<string, (event: any) => void>} */
const listeners = {};
/** @type {string[]} what became of windows */
let did;
/** @type {string[]} the addresses of those that are open */
let open;

before(async () => {
  await freshPhone();
  noNetwork();
  Object.assign(globalThis, { self: globalThis, __PRECACHE__: [], __DECODER__: [], __VERSION__: "1" });
  globalThis.location = /** @type {any} */ ({ origin: ORIGIN });
  globalThis.addEventListener = /** @type {any} */ ((/** @type {string} */ name, /** @type {any} */ listener) => (listeners[name] = listener));
  const matchAll = async () => open.map((url) => ({ url, focus: async () => did.push(`focus ${url}`) }));
  Object.assign(globalThis, { clients: { matchAll, openWindow: async (/** @type {string} */ url) => did.push(`open ${url}`) } });
  await import("../../pwa/service-worker.js");
});

beforeEach(() => {
  [did, open] = [[], []];
});

/** @param {string | undefined} url as the message that was shown had it */
async function tap(url) {
  const work = /** @type {Promise<unknown>[]} */ ([]);
  const notification = { data: { url }, close: () => did.push("close") };
  listeners.notificationclick({ notification, waitUntil: (/** @type {Promise<unknown>} */ one) => work.push(one) });
  assert.equal(work.length, 1, "the browser keeps the worker alive until the page is there");
  await Promise.all(work);
}

test("a tap opens the page that the message is about, and puts the message away", async () => {
  open = [`${ORIGIN}/en/scan`];
  await tap("/nl/badges");
  assert.deepEqual(did, ["close", `open ${ORIGIN}/nl/badges`]);
});

test("a page that is open already comes to the front", async () => {
  open = [`${ORIGIN}/en/scan`, `${ORIGIN}/nl/badges?sort=new`];
  await tap("/nl/badges");
  assert.deepEqual(did, ["close", `focus ${ORIGIN}/nl/badges?sort=new`]);
});

test("a tap leads to no other site", async () => {
  await tap("//evil.example/nl/badges");
  await tap(undefined);
  assert.deepEqual(did, ["close", "close", `open ${ORIGIN}/`]);
});
