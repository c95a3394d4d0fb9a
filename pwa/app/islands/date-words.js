/** Dates as people write them. */
import { language } from "../i18n.js";

/** @param {string} iso */
export function dateWords(iso) {
  return new Date(iso).toLocaleDateString(language(), { dateStyle: "long" });
}
