/** Codes are read alike in Python and here, and foreign ones refused. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import {
  commit,
  findStop,
  foldTyped,
  Offline,
  parseCode,
  showTyped,
  verifyProof,
} from "../../pwa/app/actions/codes.js";
import { changeSavedPlaylist } from "../../pwa/app/store/bundles.js";
import { freshPhone } from "./browser.js";
import { noNetwork } from "./city.js";

const vectors = JSON.parse(readFileSync(new URL("../../sync/vectors/codes.json", import.meta.url), "utf8"));

beforeEach(async () => {
  await freshPhone();
  noNetwork();
});

test("a typed code is folded, and one with a wrong check character refused", () => {
  for (const { text, typed } of vectors.typed) assert.equal(foldTyped(text), typed, text);
});

test("any single wrong character and any swap of neighbours is found", () => {
  const typed = vectors.typed[0].typed;
  for (let i = 0; i < 8; i++) {
    for (const char of "0123456789ABCDEFGHJKMNPQRSTVWXY") {
      if (char !== typed[i]) assert.equal(foldTyped(typed.slice(0, i) + char + typed.slice(i + 1)), null);
    }
    const swapped = typed.slice(0, i) + (typed[i + 1] ?? "") + typed[i] + typed.slice(i + 2);
    if (i < 6 && typed[i] !== typed[i + 1]) assert.equal(foldTyped(swapped), null, swapped);
  }
  assert.equal(showTyped("ABCDEFGH"), "ABCD-EFGH");
});

test("codes of this city are read, foreign QR codes refused, unknown kinds ask for an update", () => {
  for (const { text, code, reason } of vectors.read) {
    assert.deepEqual(parseCode(text, [vectors.host]), code ?? { reason }, text);
  }
});

test("commitments are those of the server", async () => {
  for (const { point, window, secret, commitment } of vectors.commitments) {
    assert.equal(await commit(point, window, secret), commitment);
  }
});

test("a saved playlist tells genuine from wrong, too early from too late", async () => {
  for (const { codes, point, proof, now, finding } of vectors.verify) {
    assert.equal(await verifyProof(codes, point, proof, now), finding);
  }
});

test("a stop is found from what is saved, by point and by hint; else only the server could know", async () => {
  const activity = { id: "a", title: "The mill", url: "/en/activities/mill", tasks: [] };
  const code = { point: "7QAB3CDE", activity: "a", level: 1, window: null, commitment: null, hint: "7Q" };
  await changeSavedPlaylist("p", (row) => ({
    ...row,
    bundle: /** @type {any} */ ({ activities: [activity], codes: [code] }),
  }));
  const found = {
    activity: "a",
    url: "/en/activities/mill",
    title: "The mill",
    achievement: null,
    place: null,
    point: "7QAB3CDE",
    via: "saved",
  };
  assert.deepEqual(await findStop({ point: "7QAB3CDE" }), found);
  assert.deepEqual(await findStop({ typed: "7QXXXXXX" }), found);
  assert.equal(await findStop({ point: "00000000" }), null);
  await assert.rejects(findStop({ typed: "8QXXXXXX" }), Offline);
});
