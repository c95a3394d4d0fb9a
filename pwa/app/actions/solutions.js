/** Compares answers with the salted hashes in a bundle. A nuisance barrier, no secret: the server decides. */

import { sha256 } from "../store/blobs.js";

/**
 * Reduce text to what counts when answers are compared: no marks, no case, no punctuation.
 * The same rule is `server.core.text.fold`; sync/vectors/answers.json holds both to it.
 * @param {string} text
 */
export function fold(text) {
  return bare(caseless(bare(text)))
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** @param {string} text */
function bare(text) {
  return text.normalize("NFKD").replace(/\p{Mn}/gu, "");
}

/**
 * Unicode case folding, which JavaScript lacks: going up and down finds ß = ss, and the two endings of sigma.
 * @param {string} text
 */
function caseless(text) {
  const folded = text.toLowerCase().toUpperCase().toLowerCase().replaceAll("ς", "σ").replaceAll("ı", "i");
  // Cherokee alone folds to its capitals.
  return folded.replace(/\p{Script=Cherokee}+/gu, (run) => run.toUpperCase());
}

/**
 * The one spelling of an answer that is hashed; null when it is no answer at all.
 * @param {Pick<Task, "kind" | "step">} task
 * @param {Answer} answer
 * @returns {string | null}
 */
export function canonical(task, answer) {
  if ("choices" in answer)
    return answer.choices.length ? [...new Set(answer.choices)].sort().join(",") : null;
  if ("number" in answer) return roundTo(answer.number, task.step ?? null);
  return fold(answer.text) || null;
}

/**
 * @param {Task} task
 * @param {Answer} answer
 * @returns {Promise<"right" | "wrong" | "open">} open: not for the phone to say
 */
export async function check(task, answer) {
  if (!task.accept) return "open";
  const spelled = canonical(task, answer);
  if (spelled === null) return "wrong";
  const bytes = new TextEncoder().encode(`${task.salt}:${spelled}`);
  return task.accept.includes(await sha256(/** @type {ArrayBuffer} */ (bytes.buffer))) ? "right" : "wrong";
}

/**
 * Read a number (a sign, digits, one point or comma) and round it to a multiple of `step`, halves away from zero.
 * In whole numbers throughout: 0.1 + 0.2 must be 0.3 here and in Python.
 * @param {string} text
 * @param {string | number | null} [step]
 * @returns {string | null} as plain as possible: "1856", "-0.5"; null when it is not a number
 */
export function roundTo(text, step = null) {
  const number = readDecimal(text);
  if (!number) return null;
  const unit = step === null ? null : readDecimal(String(step));
  if (!unit || unit.digits === 0n) return spell(number.digits, number.places);
  const places = Math.max(number.places, unit.places);
  const value = number.digits * 10n ** BigInt(places - number.places);
  const size = unit.digits * 10n ** BigInt(places - unit.places);
  const [positive, distance] = [value < 0n ? -value : value, size < 0n ? -size : size];
  const rounded = ((2n * positive + distance) / (2n * distance)) * distance;
  return spell(value < 0n ? -rounded : rounded, places);
}

/** @param {string} text */
function readDecimal(text) {
  const parts = /^([+-]?)(?=[.,]?[0-9])([0-9]{0,30})(?:[.,]([0-9]{0,30}))?$/.exec(text.trim().replace("−", "-"));
  if (!parts) return null;
  const [, sign, whole, fraction = ""] = parts;
  const digits = BigInt(whole + fraction);
  return { digits: sign === "-" ? -digits : digits, places: fraction.length };
}

/**
 * @param {bigint} digits
 * @param {number} places
 */
function spell(digits, places) {
  const sign = digits < 0n ? "-" : "";
  const text = String(digits < 0n ? -digits : digits).padStart(places + 1, "0");
  const fraction = text.slice(text.length - places).replace(/0+$/, "");
  return sign + (places ? text.slice(0, -places) + (fraction && `.${fraction}`) : text);
}
