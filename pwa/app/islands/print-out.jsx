/** Puts sheets on the page for the printer only, with pictures and codes that are there before it looks. */
import { render } from "preact";
import { drawCode } from "./draw-code.js";
import { PrintSheet } from "./print-sheet.jsx";

/** A sheet of labels. */
const A_PAGE = 24;

/**
 * Print badges from what this phone holds.
 * @param {{what: import("./print-badge.jsx").Print, name: string, awards: AwardRow[]}} wish
 */
export async function printOut({ what, name, awards }) {
  const codes = await Promise.all(awards.map(({ url }) => drawCode(shortAddress(url))));
  const badges = awards.map((award, number) => ({ award, code: codes[number] }));
  const sheet = document.createElement("div");
  sheet.className = "print-sheet";
  sheet.dataset.print = what === "all" ? "stickers" : what;
  render(<PrintSheet what={what} name={name} badges={what === "stickers" ? Array(A_PAGE).fill(badges[0]) : badges} />, sheet);
  for (const old of document.querySelectorAll(".print-sheet")) old.remove();
  document.body.append(sheet);
  await Promise.all([...sheet.querySelectorAll("img")].map((image) => image.decode().catch(console.warn)));
  addEventListener("afterprint", () => sheet.remove(), { once: true });
  window.print();
}

/**
 * The address of a badge as a small code says it, like `short_address` of the server.
 * @param {string} url
 */
export function shortAddress(url) {
  return url.replace(/\/credentials\/(.{16}).*$/, "/C/$1").toUpperCase();
}
