/** Numbers are read as people write them, in any of our languages. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readNumber } from "../../pwa/app/actions/read-number.js";

/** @type {[string, string | number | null, string | null][]} */
const WRITTEN = [
  ["1856", 1, "1856"],
  [" 1 856 ", 1, "1856"],
  ["1.856", 1, "1856"],
  ["1,856", "1", "1856"],
  ["1.856", 0.001, "1.856"],
  ["12,5", 0.5, "12.5"],
  ["12.50", null, "12.5"],
  ["−3", 1, "-3"],
  ["1.234.567", null, "1234567"],
  ["1.234,5", 0.1, "1234.5"],
  ["1,234.5", 0.1, "1234.5"],
  ["12'500", 1, "12500"],
  ["1,2,3", 1, null],
  ["1.2.3", 0.1, null],
  ["twelve", 1, null],
  ["", 1, null],
];

for (const [text, step, plain] of WRITTEN) {
  test(`"${text}" in steps of ${step} is ${plain}`, () => assert.equal(readNumber(text, step), plain));
}
