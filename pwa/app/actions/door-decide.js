/** What the door says of somebody who stands before it. It decides at once, with no network; the server has its word later. */

import { rowOfPass } from "./door-view.js";

/**
 * again: in already · old: not drawn just now · full: as many as may be are in · in: welcome. Old and full are asked about.
 * @typedef {{is: "again", row: import("./door-view.js").Row} | {is: "old"} | {is: "full"} | {is: "in", local: "over" | "old" | null}} Decision
 * @typedef {"old" | "over"} Agreed what the person at the door has said yes to
 */

/**
 * @param {import("./door-view.js").View} view
 * @param {import("./door-pass.js").SeenPass | null} pass null: by name, or without a phone
 * @param {Agreed[]} [agreed]
 * @returns {Decision}
 */
export function decide(view, pass, agreed = []) {
  const row = pass && rowOfPass(view, pass.device);
  if (row) return { is: "again", row };
  const old = pass !== null && !pass.fresh;
  if (old && !agreed.includes("old")) return { is: "old" };
  if (view.full && !agreed.includes("over")) return { is: "full" };
  return { is: "in", local: view.full ? "over" : old ? "old" : null };
}
