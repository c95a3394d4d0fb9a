/** Reads codes on the phone: which stop, is it well-formed, and (with the stop saved) is it genuine. */

import { sha256 } from "../store/blobs.js";
import { savedActivity, savedCodes } from "../store/bundles.js";
import { lookUpTyped, Rejected } from "../sync/api.js";

export { Later, Offline } from "../sync/api.js";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const WORD = `[${ALPHABET}]`;
const POINT = new RegExp(`^${WORD}{8}$`);
const SECRET = new RegExp(`^${WORD}{16}$`);
// 31 is prime, so the check character finds every wrong character and every swap; Z would collide with 0.
const TYPED = /^[0-9A-HJKMNP-TV-Y]{8}$/;

/** @type {Record<string, "poster" | "window">} */
const KINDS = { 1: "poster", 2: "window" };

/**
 * @typedef {{point: string, proof: string | null, kind: "open" | "poster" | "window"}} Code
 * @typedef {{reason: "foreign" | "newer" | "malformed"}} Unread foreign: not a code of this city · newer: a kind
 *   that this app does not know yet, please update
 */

/**
 * @param {string} text what the QR code holds
 * @param {string[]} ownHosts such as location.host
 * @returns {Code | Unread}
 */
export function parseCode(text, ownHosts) {
  const url = asUrl(text.trim());
  if (!url || !ownHosts.includes(url.host)) return { reason: "foreign" };
  const path = /^\/s\/([^/]+)\/?$/i.exec(url.pathname);
  const point = path && foldCrockford(path[1]);
  if (!point || !POINT.test(point)) return { reason: "malformed" };
  return parseProof(point, url.hash.slice(1));
}

/**
 * Read what stands behind the `#` of a stop's address.
 * @param {string} point
 * @param {string} fragment
 * @returns {Code | Unread}
 */
export function parseProof(point, fragment) {
  if (!fragment) return { point, proof: null, kind: "open" };
  const kind = KINDS[fragment[0]];
  if (!kind) return { reason: "newer" };
  const secret = foldCrockford(fragment.slice(1));
  return SECRET.test(secret) ? { point, proof: fragment[0] + secret, kind } : { reason: "malformed" };
}

/**
 * Read a typed code as people type it: any case, spaces and dashes, O for 0, I and L for 1.
 * @param {string} text
 * @returns {string | null} 8 characters, or null when it cannot be right
 */
export function foldTyped(text) {
  const typed = foldCrockford(text);
  return TYPED.test(typed) && checkCharacter(typed) === typed[7] ? typed : null;
}

/**
 * The eighth character of a typed code, from the seven before it.
 * @param {string} typed
 */
export function checkCharacter(typed) {
  const sum = [...typed.slice(0, 7)].reduce((total, char, i) => total + (i + 1) * ALPHABET.indexOf(char), 0);
  return ALPHABET[sum % 31];
}

/** @param {string} typed */
export const showTyped = (typed) => `${typed.slice(0, 4)}-${typed.slice(4)}`;

/**
 * What the saved playlists say of a proof. Advice for the person: the server decides.
 * @param {CodeCommitment[]} codes
 * @param {string} point
 * @param {string | null} proof
 * @param {number} now ms
 * @returns {Promise<"genuine" | "wrong" | "early" | "closed" | "unknown">} early: not open yet · unknown: nothing is
 *   known here of that stop, or it asks for no proof
 */
export async function verifyProof(codes, point, proof, now) {
  const known = codes.filter((code) => code.point === point && code.commitment);
  if (!proof || !known.length) return "unknown";
  for (const { window, commitment } of known) {
    if ((await commit(point, window, proof.slice(1))) !== commitment) continue;
    const [opens, closes] = window ?? [null, null];
    if (opens !== null && now < opens * 1000) return "early";
    return closes !== null && now > closes * 1000 ? "closed" : "genuine";
  }
  return "wrong";
}

/**
 * @param {string} point
 * @param {CodeCommitment["window"]} window
 * @param {string} secret
 * @returns {Promise<string>} hex
 */
export function commit(point, window, secret) {
  const text = `streetwise1${point}${window?.join("-") ?? ""}${secret}`;
  return sha256(/** @type {ArrayBuffer} */ (new TextEncoder().encode(text).buffer));
}

/**
 * Which activity does a code belong to: from what is saved, else (typed codes only) from the server.
 * @param {{point?: string | null, typed?: string | null}} code
 * @returns {Promise<{activity: string | null, url: string, title: string, point: string | null, via: "saved" | "server"} | null>}
 *   null when nobody knows it
 * @throws {import("../sync/api.js").Offline} when only the server could know
 */
export async function findStop({ point, typed }) {
  const codes = await savedCodes();
  const found = codes.filter((code) => (point ? code.point === point : code.hint === typed?.slice(0, 2)));
  const activities = new Set(found.map((code) => code.activity));
  const activity = activities.size === 1 ? await savedActivity(found[0].activity) : undefined;
  if (activity)
    return {
      activity: activity.id,
      url: activity.url,
      title: activity.title,
      point: found[0].point,
      via: "saved",
    };
  return typed ? askServer(typed) : null;
}

/** @param {string} typed */
async function askServer(typed) {
  try {
    const { url, activity = null, title = "", point = null } = await lookUpTyped(typed);
    return { activity, url, title, point, via: /** @type {const} */ ("server") };
  } catch (error) {
    if (error instanceof Rejected && error.status === 404) return null;
    throw error;
  }
}

/** @param {string} text */
function foldCrockford(text) {
  return text.toUpperCase().replace(/[\s–—-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
}

/** @param {string} text */
function asUrl(text) {
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url : null;
  } catch {
    return null;
  }
}
