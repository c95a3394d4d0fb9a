/** Bytes as people say them. */
import { language } from "../i18n.js";

/** @param {number} bytes */
export function sizeWords(bytes) {
  const [value, unit] = bytes < 100_000 ? [Math.max(1, bytes / 1000), "kilobyte"] : [bytes / 1_000_000, "megabyte"];
  const digits = unit === "megabyte" && value < 10 ? 1 : 0;
  return new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits }).format(value);
}
