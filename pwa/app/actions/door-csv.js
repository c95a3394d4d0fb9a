/** The list of a door as a file for spreadsheets: made on this phone, and safe to open there. */

/** A cell that begins so would be taken for a formula (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r\n]/;

/**
 * @param {string[][]} rows the first one names the columns
 * @returns {string} RFC 4180, with a mark by which spreadsheets know that it is UTF-8
 */
export function writeCsv(rows) {
  return `\ufeff${rows.map((row) => `${row.map(writeCell).join(",")}\r\n`).join("")}`;
}

/** @param {string} text */
function writeCell(text) {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
