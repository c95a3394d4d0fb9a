/** JSON in one exact form (RFC 8785): what `eddsa-jcs-2022` signs. */

/** By code points, so that only half a pair is found. */
const HALF = /[\ud800-\udfff]/u;

/**
 * JavaScript already writes numbers and texts as the RFC says; names are sorted by UTF-16 as its sort() does.
 * @param {any} value
 * @returns {string}
 */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value && typeof value === "object") {
    const names = Object.keys(value).sort();
    return `{${names.map((name) => `${word(name)}:${canonical(value[name])}`).join(",")}}`;
  }
  if (typeof value === "string") return word(value);
  if (typeof value === "number" && !Number.isFinite(value)) throw new RangeError("not a JSON number");
  return JSON.stringify(value);
}

/** @param {string} text */
function word(text) {
  if (HALF.test(text)) throw new RangeError("half a character");
  return JSON.stringify(text);
}
