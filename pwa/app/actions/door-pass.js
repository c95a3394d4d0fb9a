/** What a code means that is held before a door's camera: a pass, and whether it is fresh; or what it is instead. */

import { hostOf, parseCode } from "./codes.js";
import { readPass } from "./passes.js";
import { stepAt } from "./rotating.js";

/** A pass is drawn anew every step; after so many it was not on a phone's screen just now. */
const FRESH_STEPS = 4;

/**
 * wrong: a pass that is not whole · stop, invitation, door: codes of ours for something else · foreign: not of this city
 * @typedef {{is: "pass", pass: string, device: string, name: string, picture: string, fresh: boolean}} SeenPass
 * @typedef {{is: "wrong" | "newer" | "stop" | "invitation" | "door" | "ours"} | {is: "foreign", host: string | null}} SeenOther
 */

/**
 * The signature cannot be checked here: the key is the learner's phone's, and only the server knows it.
 * @param {string} text of a QR code
 * @param {{hosts: string[], now: number}} about now: ms, by the server's clock as far as this phone knows it
 * @returns {SeenPass | SeenOther}
 */
export function lookAtCode(text, { hosts, now }) {
  const code = parseCode(text, hosts);
  if ("pass" in code) return lookAtPass(code.pass, now);
  if (!("reason" in code)) return { is: "stop" };
  if (code.reason === "foreign") return { is: "foreign", host: hostOf(text) };
  return code.reason === "newer" ? { is: "newer" } : { is: otherOf(text) };
}

/**
 * @param {string} fragment
 * @param {number} now
 * @returns {SeenPass | SeenOther}
 */
function lookAtPass(fragment, now) {
  const read = readPass(fragment);
  if (!read) return { is: "wrong" };
  const { device, name, picture, step } = read;
  return { is: "pass", pass: fragment, device, name, picture, fresh: Math.abs(stepAt(now) - step) <= FRESH_STEPS };
}

/**
 * @param {string} text an address of this city
 * @returns {"wrong" | "invitation" | "door" | "ours"}
 */
function otherOf(text) {
  const { pathname } = new URL(text.trim());
  if (/^\/p\/?$/i.test(pathname)) return "wrong";
  const [, page] = /^\/[a-z-]+\/(join|door)\/?$/i.exec(pathname) ?? [];
  return page === "join" ? "invitation" : page === "door" ? "door" : "ours";
}
