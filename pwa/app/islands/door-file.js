/** The door's list as a file, made on this phone: it needs no network. */
import { writeCsv } from "../actions/door-csv.js";
import { fileName } from "../actions/share.js";
import { gettext } from "../i18n.js";
import { nameOf, sentWords, stateWords, wayWords, whereWords, whyWords } from "./door-words.js";

/**
 * @param {Door} door
 * @param {import("../actions/door-view.js").View} view
 */
export function downloadList({ reply: { occurrence } }, view) {
  const day = new Date(occurrence.starts).toISOString().slice(0, 10);
  const file = new Blob([writeCsv([headings(), ...view.rows.map((row) => cells(row, occurrence.timezone))])], { type: "text/csv;charset=utf-8" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `${fileName(occurrence.title)}-${day}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

const headings = () => [gettext("Name"), gettext("State"), gettext("Way"), gettext("Time"), gettext("Where"), gettext("The city says")];

/**
 * @param {import("../actions/door-view.js").Row} row
 * @param {string} timeZone
 */
function cells(row, timeZone) {
  // As spreadsheets of all languages read it: 2026-11-26 18:02:09, in the city's time.
  const time = row.at === null ? "" : new Date(row.at).toLocaleString("sv-SE", { timeZone });
  return [nameOf(row), stateWords(row), wayWords(row.way), time, whereWords(row.where), row.why ? whyWords(row.why) : sentWords(row)];
}
