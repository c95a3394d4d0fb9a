/** Answers are compared alike in Python and here. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { canonical, check, fold, roundTo } from "../../pwa/app/actions/solutions.js";

const vectors = JSON.parse(readFileSync(new URL("../../sync/vectors/answers.json", import.meta.url), "utf8"));

test("texts fold to what counts", () => {
  for (const { text, folded } of vectors.fold) assert.equal(fold(text), folded, text);
});

test("numbers round to their step, halves away from zero", () => {
  for (const { text, step, canonical } of vectors.numbers)
    assert.equal(roundTo(text, step), canonical, `${text} / ${step}`);
});

test("choices have one order", () => {
  for (const row of vectors.choices)
    assert.equal(canonical({ kind: "choices" }, { choices: row.choices }), row.canonical);
});

test("the phone says right, wrong or open as the server would", async () => {
  for (const { task, answer, verdict } of vectors.checks)
    assert.equal(await check(task, answer), verdict, JSON.stringify(answer));
});
