/** What a file that was taken for a task is called. */
import { gettext } from "../i18n.js";

/** @param {"photo" | "audio"} kind @param {number} number */
export function fileWords(kind, number) {
  return kind === "audio" ? gettext("Your sound %(number)s", { number }) : gettext("Your photo %(number)s", { number });
}
