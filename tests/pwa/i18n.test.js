/** Plural forms come from the catalogue's own table, with no eval. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { format, gettext, inLanguage, ngettext, useMessages } from "../../pwa/app/i18n.js";

test("without a catalogue English speaks", () => {
  assert.equal(gettext("Hello %(name)s", { name: "Ada" }), "Hello Ada");
  assert.equal(ngettext("%(num)s stop", "%(num)s stops", 1), "1 stop");
  assert.equal(ngettext("%(num)s stop", "%(num)s stops", 2), "2 stops");
});

test("the table picks the right Polish form for every number", () => {
  const rule = (/** @type {number} */ n) => {
    if (n === 1) return 0;
    return n % 10 >= 2 && n % 10 <= 4 && (n % 100 < 10 || n % 100 >= 20) ? 1 : 2;
  };
  const plural = Array.from({ length: 200 }, (_, n) => rule(n)).join("");
  useMessages({
    messages: { "%(num)s stop": ["%(num)s a", "%(num)s b", "%(num)s c"], Send: "Wyślij" },
    plural,
  });
  for (let n = 0; n < 20_000; n++)
    assert.equal(ngettext("%(num)s stop", "%(num)s stops", n), `${n} ${"abc"[rule(n)]}`);
  assert.equal(gettext("Send"), "Wyślij");
  useMessages({ messages: {}, plural: "" });
});

test("values go where their names are, and unknown names stay in sight", () => {
  assert.equal(format("%(a)s of %(b)s, 100 %%", { a: 0 }), "0 of %(b)s, 100 %");
});

test("content shows in the page's language, else English, else any", () => {
  assert.equal(inLanguage({ en: "Mill", nl: "Molen" }), "Mill");
  assert.equal(inLanguage({ nl: "Molen" }), "Molen");
  assert.equal(inLanguage(null), "");
});
