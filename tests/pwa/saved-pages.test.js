/** Kept parts in the layout of the day. */

import assert from "node:assert/strict";
import { test } from "node:test";
import "fake-indexeddb/auto";
import { compose, partOf, withArrival } from "../../pwa/worker/compose.js";
import { freshCaches } from "./cache-shelf.js";

const LAYOUT =
  '<!doctype html><html lang="nl"><head><title> · Town</title><link rel="canonical" href="http://town.test/nl/shell">' +
  '</head><body><nav><a class="nav-scan" href="/nl/scan">Scan</a><a href="/en/shell">English</a></nav>' +
  '<main id="main" tabindex="-1"></main><footer></footer></body></html>';
const PART = '<title>Mill · Town</title>\n<main id="main" tabindex="-1"><p>It costs $& and $1.</p></main>';

test("a part in the layout is the page", () => {
  const page = compose(LAYOUT, PART, "/nl/activities/mill");
  assert.ok(page.includes("<title>Mill · Town</title>"));
  assert.ok(page.includes("<p>It costs $& and $1.</p></main><footer>"));
});

test("the layout's links to itself follow the page", () => {
  const page = compose(LAYOUT, PART, "/nl/activities/mill");
  assert.ok(page.includes('href="http://town.test/nl/activities/mill"'));
  assert.ok(page.includes('<a href="/en/activities/mill">English'));
});

test("a page that a code led to keeps its address in every language", () => {
  const page = compose(LAYOUT, withArrival(PART), "/s/ABCDEFGH");
  assert.ok(page.includes('href="http://town.test/s/ABCDEFGH"'));
  assert.ok(page.includes('<main id="main" tabindex="-1"><div data-island="arrival"></div><p>'));
});

test("so does one whose QR was in capitals", () => {
  const page = compose(LAYOUT, withArrival(PART), "/S/ABCDEFGH");
  assert.ok(page.includes('href="http://town.test/S/ABCDEFGH"'));
});

test("the navigation says where one is", () => {
  assert.ok(compose(LAYOUT, PART, "/nl/scan").includes('<a class="nav-scan" href="/nl/scan" aria-current="page">'));
  assert.ok(!compose(LAYOUT, PART, "/nl/").includes("aria-current"));
});

test("a part cut out of a page is that part again", () => {
  assert.equal(partOf(compose(LAYOUT, PART, "/nl/scan")), PART.replace("\n", ""));
  assert.equal(partOf("<p>portal</p>"), null);
});

/** The worker's parts want a worker around them. */
async function openWithNothing(/** @type {string} */ path) {
  Object.assign(globalThis, { self: globalThis, __PRECACHE__: [], __DECODER__: [], __VERSION__: "1" });
  globalThis.location = /** @type {any} */ ({ origin: "http://town.test" });
  globalThis.fetch = () => Promise.reject(new TypeError("Load failed"));
  const { openPage } = await import("../../pwa/worker/navigate.js");
  const url = new URL(path, "http://town.test");
  const event = { request: /** @type {any} */ ({ url: url.href }), waitUntil: () => {} };
  return openPage(event, url, async () => {});
}

test("with nothing kept and no network a page says so, and leads to repair", async () => {
  freshCaches();
  const reply = await openWithNothing("/en/scan");
  assert.equal(reply.status, 503);
  const html = await reply.text();
  assert.ok(html.includes("<h1>No network</h1>") && html.includes('<a href="/repair">'));
});

test("the page of last resort speaks the language of the address when its strings are kept", async () => {
  freshCaches();
  const strings = { messages: { "No network": "Geen <net>", "Try again": "Opnieuw" }, plural: "" };
  const cache = await caches.open("app-1");
  await cache.put("http://town.test/static/dist/messages-nl-12345678.json", new Response(JSON.stringify(strings)));
  const html = await (await openWithNothing("/nl/scan")).text();
  assert.ok(html.includes('<html lang="nl" dir="ltr">') && html.includes("<h1>Geen &#60;net&#62;</h1>") && html.includes("Opnieuw"));
  assert.ok((await (await openWithNothing("/en/scan")).text()).includes("<h1>No network</h1>"));
});

test("a store that cannot be opened does not take the page away", async () => {
  globalThis.caches = /** @type {any} */ ({
    open: () => Promise.reject(new Error("broken")),
    keys: () => Promise.reject(new Error("broken")),
  });
  assert.equal((await openWithNothing("/en/learning")).status, 503);
});
