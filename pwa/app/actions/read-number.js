/** Reads a number as people write it: comma or dot, and thousands apart. */

import { roundTo } from "./solutions.js";

/**
 * Where whole numbers are asked, "1.856" and "1,856" mean the year or the thousand, not nearly two.
 * @param {string} text
 * @param {string | number | null} [step] the finest difference that counts
 * @returns {string | null} plain, with a dot: "1856", "12.5"; null when it is no number
 */
export function readNumber(text, step = null) {
  const tight = text
    .trim()
    .replace(/[\s'’]/gu, "")
    .replace(/^[−–]/, "-");
  const both = /[.,].*[.,]/.test(tight);
  const grouped = /^[+-]?\d{1,3}([.,]\d{3})+$/.test(tight);
  if (grouped && (isWhole(step) || (both && sameMarks(tight)))) return roundTo(tight.replace(/[.,]/g, ""));
  if (!both) return roundTo(tight);
  const last = Math.max(tight.lastIndexOf("."), tight.lastIndexOf(","));
  const whole = tight.slice(0, last);
  return /^[+-]?\d{1,3}([.,]\d{3})+$/.test(whole) && sameMarks(whole) && whole.indexOf(tight[last]) < 0
    ? roundTo(whole.replace(/[.,]/g, "") + tight.slice(last))
    : null;
}

/** @param {string | number | null} step */
function isWhole(step) {
  return step !== null && Number.isInteger(Number(step));
}

/** @param {string} text */
function sameMarks(text) {
  return new Set(text.match(/[.,]/g)).size === 1;
}
