/** Kept parts in the layout of the day. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { compose, partOf, withArrival } from "../../pwa/worker/compose.js";

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

test("the navigation says where one is", () => {
  assert.ok(compose(LAYOUT, PART, "/nl/scan").includes('<a class="nav-scan" href="/nl/scan" aria-current="page">'));
  assert.ok(!compose(LAYOUT, PART, "/nl/").includes("aria-current"));
});

test("a part cut out of a page is that part again", () => {
  assert.equal(partOf(compose(LAYOUT, PART, "/nl/scan")), PART.replace("\n", ""));
  assert.equal(partOf("<p>portal</p>"), null);
});
