/** Bytes as people say them. */
import { language } from "../i18n.js";

/** @param {number} bytes */
export function sizeWords(bytes) {
  const [value, unit] = inUnit(bytes);
  const digits = unit !== "kilobyte" && value < 10 ? 1 : 0;
  return new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits }).format(value);
}

/**
 * @param {number} bytes
 * @returns {[number, "kilobyte" | "megabyte" | "gigabyte"]}
 */
function inUnit(bytes) {
  if (bytes < 100_000) return [Math.max(1, bytes / 1000), "kilobyte"];
  return bytes < 1_000_000_000 ? [bytes / 1_000_000, "megabyte"] : [bytes / 1_000_000_000, "gigabyte"];
}
