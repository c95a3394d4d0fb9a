/** Reads codes on the phone: which stop, is it well-formed, and (with the stop saved) is it genuine. */

import { sha256 } from "../store/blobs.js";
import { savedActivity, savedCodes } from "../store/bundles.js";
import { lookUpTyped, Rejected } from "../sync/api.js";

export { Later, Offline } from "../sync/api.js";

/** Crockford base32. */
export const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const WORD = `[${ALPHABET}]`;
const POINT = new RegExp(`^${WORD}{8}$`);
const SECRET = new RegExp(`^${WORD}{16}$`);
const PASS = /^4\d{199}(\.[\w-]{1,200})?$/;
// 31 is prime, so the check character finds every wrong character and every swap; Z would collide with 0.
const TYPED = /^[0-9A-HJKMNP-TV-Y]{8}$/;

/** For so long a screen shows the same rotating code, and a phone the same pass. */
export const STEP_MS = 30_000;
/** So much older or newer than now, a rotating code is not the one on the screen; less is the clocks' difference. */
const STALE_MS = 3 * 60_000;

/** @type {Record<string, {kind: "poster" | "window" | "rotating" | "receipt", form: RegExp}>} */
const KINDS = {
  1: { kind: "poster", form: SECRET },
  2: { kind: "window", form: SECRET },
  3: { kind: "rotating", form: new RegExp(`^${WORD}{6}[0-9A-F]${WORD}{12}$`) }, // see rotating.js
  5: { kind: "receipt", form: /^\d{199}$/ }, // see passes.js
};

/**
 * @typedef {{point: string, proof: string | null, kind: "open" | "poster" | "window" | "rotating" | "receipt"}} Code
 * @typedef {{pass: string, kind: "pass"}} Pass a learner's, for the door; see passes.js
 * @typedef {{reason: "foreign" | "newer" | "malformed"}} Unread foreign: not a code of this city · newer: a kind
 *   that this app does not know yet, please update
 */

/**
 * @param {string} text what the QR code holds
 * @param {string[]} ownHosts such as location.host
 * @returns {Code | Pass | Unread}
 */
export function parseCode(text, ownHosts) {
  const url = asUrl(text.trim());
  if (!url || !ownHosts.includes(url.host)) return { reason: "foreign" };
  const fragment = url.hash.slice(1);
  if (/^\/p\/?$/i.test(url.pathname)) return parsePass(fragment);
  const path = /^\/s\/([^/]+)\/?$/i.exec(url.pathname);
  const point = path && foldCrockford(path[1]);
  if (!point || !POINT.test(point)) return { reason: "malformed" };
  return parseProof(point, fragment);
}

/**
 * @param {string} fragment
 * @returns {Pass | Unread}
 */
function parsePass(fragment) {
  if (PASS.test(fragment)) return { pass: fragment, kind: "pass" };
  return { reason: !fragment || fragment[0] === "4" ? "malformed" : "newer" };
}

/**
 * Read what stands behind the `#` of a stop's address.
 * @param {string} point
 * @param {string} fragment
 * @returns {Code | Unread}
 */
export function parseProof(point, fragment) {
  if (!fragment) return { point, proof: null, kind: "open" };
  const known = KINDS[fragment[0]];
  if (!known) return { reason: "newer" };
  const proof = foldCrockford(fragment.slice(1));
  if (!known.form.test(proof)) return { reason: "malformed" };
  return { point, proof: fragment[0] + proof, kind: known.kind };
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
 * @param {number} now ms, as the server has it (see store/clock.js)
 * @returns {Promise<"genuine" | "later" | "wrong" | "early" | "closed" | "unknown">} later: of a rotating code, whose
 *   freshness only the server can tell · early: not open yet · closed: not open any more, or a rotating code of another
 *   time · unknown: nothing is known here of that stop, or it asks for no proof
 */
export async function verifyProof(codes, point, proof, now) {
  if (proof?.[0] === "3" && isStale(proof, now)) return "closed";
  const known = codes.filter((code) => code.point === point && (code.commitment || code.level === 3));
  if (!proof || proof[0] === "5" || !known.length) return "unknown";
  for (const code of known) {
    if (!(await mayProve(code, proof))) continue;
    const [opens, closes] = code.window ?? [null, null];
    if (opens !== null && now < opens * 1000) return "early";
    if (closes !== null && now > closes * 1000) return "closed";
    return code.level === 3 ? "later" : "genuine";
  }
  return "wrong";
}

/**
 * When was a rotating code on the screen?
 * @param {string} proof well-formed (see parseCode)
 * @returns {number} its step
 */
export function readStep(proof) {
  return [...proof.slice(1, 7)].reduce((step, char) => step * 32 + ALPHABET.indexOf(char), 0);
}

/**
 * @param {string} proof of a rotating code
 * @param {number} now ms
 */
const isStale = (proof, now) => Math.abs(readStep(proof) * STEP_MS + STEP_MS / 2 - now) > STALE_MS;

/**
 * @param {CodeCommitment} code
 * @param {string} proof
 */
async function mayProve({ point, level, window, commitment }, proof) {
  if (level === 3) return proof[0] === "3";
  return (await commit(point, window, proof.slice(1))) === commitment;
}

/**
 * Where a scanned code wants the phone to be, as far as is known here.
 * @param {CodeCommitment[]} codes
 * @param {{point: string, proof: string | null}} scanned
 * @returns {Promise<Place | null>}
 */
export async function placeOf(codes, { point, proof }) {
  for (const code of codes) {
    if (code.point !== point || !code.place) continue;
    if (proof ? await mayProve(code, proof) : code.level === 0) return code.place;
  }
  return null;
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
 * @returns {Promise<{activity: string | null, achievement: string | null, url: string, title: string, point: string | null, place: Place | null, via: "saved" | "server"} | null>}
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
      achievement: null,
      point: found[0].point,
      // Which of the stop's codes was typed only the server can tell: a place is asked for when it is that of all.
      place: found.every(({ place }) => place?.lat === found[0].place?.lat) ? (found[0].place ?? null) : null,
      via: "saved",
    };
  return typed ? askServer(typed) : null;
}

/** @param {string} typed */
async function askServer(typed) {
  try {
    const { activity = null, achievement = null, title = "", point = null, place = null, url } = await lookUpTyped(typed);
    return { activity, achievement, url, title, point, place, via: /** @type {const} */ ("server") };
  } catch (error) {
    if (error instanceof Rejected && error.status === 404) return null;
    throw error;
  }
}

/** @param {string} text */
function foldCrockford(text) {
  return text.toUpperCase().replace(/[\s–—-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
}

/** Where a foreign code leads, if anywhere. @param {string} text */
export function hostOf(text) {
  try {
    return new URL(text.trim()).host || null;
  } catch {
    return null;
  }
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
