/**
 * Checks a badge by the keys and the list that stand in this file, as of the day it was downloaded. Four results, like
 * the server's: what could not be checked is never "ok", and nothing here can say that a badge was not withdrawn since.
 */

import { multibase, unpack } from "./bytes.js";
import { canonical } from "./canonical.js";

/**
 * @typedef {{id: string, multibase: string}} Key
 * @typedef {{issuer: string, keys: Key[], list: any}} Facts
 * @typedef {{state: "ok" | "failed" | "unchecked", say: string, date?: string}} Result
 * @typedef {{signature: Result, issuer: Result, status: Result, dates: Result}} Report
 */

const SUITE = "eddsa-jcs-2022";
const SKEW_MS = 5 * 60_000;
const MOST_PROOFS = 8;
const LIST_LIMIT = 1024 * 1024;
/** Any key will do to see whether this browser reads one. */
const A_KEY = "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp";

/**
 * @param {any} badge
 * @param {Facts} facts
 * @param {number} now ms
 * @returns {Promise<Report>}
 */
export async function verify(badge, facts, now) {
  const signature = await signatureOf(badge, facts);
  if (signature.state !== "ok") {
    const rest = { state: /** @type {const} */ ("unchecked"), say: "not-looked" };
    return { signature, issuer: rest, status: rest, dates: rest };
  }
  const issuer = { state: /** @type {const} */ ("ok"), say: "issuer-ok" };
  return { signature, issuer, status: await statusOf(badge, facts), dates: datesOf(badge, now) };
}

/**
 * @param {any} document
 * @param {Facts} facts
 * @returns {Promise<Result>}
 */
export async function signatureOf(document, facts) {
  const { proof, ...body } = document;
  const proofs = [proof].flat().filter(Boolean);
  if (!proofs.length || proofs.length > MOST_PROOFS) return { state: "failed", say: "unsigned" };
  const issuer = issuerOf(body);
  if (proofs.some((one) => !isFrom(one, issuer))) return { state: "failed", say: "signature-failed" };
  if (issuer !== facts.issuer) return { state: "unchecked", say: "other-issuer" };
  const ours = proofs.filter((one) => one.type === "DataIntegrityProof" && one.cryptosuite === SUITE);
  if (!ours.length) return { state: "unchecked", say: "other-proof" };
  if (!(await canVerify())) return { state: "unchecked", say: "no-crypto" };
  const held = await Promise.all(ours.map((one) => holds(body, one, facts.keys).catch(() => false)));
  return held.every(Boolean) ? { state: "ok", say: "signature-ok" } : { state: "failed", say: "signature-failed" };
}

/**
 * @param {any} proof
 * @param {string} issuer
 */
function isFrom(proof, issuer) {
  const method = proof?.verificationMethod;
  return proof?.proofPurpose === "assertionMethod" && typeof method === "string" && method.split("#")[0] === issuer;
}

/**
 * vc-di-eddsa, section 3.3.4: the hash of the proof's options, then of the document.
 * @param {any} body
 * @param {any} proof
 * @param {Key[]} keys
 */
async function holds(body, proof, keys) {
  const { proofValue, ...options } = proof;
  const found = keys.find(({ id }) => id === proof.verificationMethod);
  if (!found || (options.expires && !(Date.parse(options.expires) > Date.now()))) return false;
  const document = options["@context"] ? sameStart(body, options["@context"]) : body;
  const key = await crypto.subtle.importKey("raw", rawKey(found.multibase), "Ed25519", false, ["verify"]);
  const message = new Uint8Array([...(await hash(options)), ...(await hash(document))]);
  return crypto.subtle.verify("Ed25519", key, multibase(proofValue), message);
}

/**
 * @param {any} body
 * @param {any} context
 */
function sameStart(body, context) {
  const own = [body["@context"]].flat();
  if ([context].flat().some((one, place) => one !== own[place])) throw new TypeError("another context");
  return { ...body, "@context": context };
}

/** @param {any} value */
async function hash(value) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(canonical(value))));
}

/** @param {string} text Multikey: two bytes say Ed25519 */
function rawKey(text) {
  const bytes = multibase(text);
  if (bytes[0] !== 0xed || bytes[1] !== 1 || bytes.length !== 34) throw new TypeError("not an Ed25519 key");
  return bytes.slice(2);
}

/** Whether this browser knows Ed25519; older ones do not. */
async function canVerify() {
  try {
    const key = rawKey(A_KEY);
    await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return true;
  } catch (error) {
    console.warn(error);
    return false;
  }
}

/**
 * @param {any} badge
 * @param {Facts} facts
 * @returns {Promise<Result>}
 */
async function statusOf(badge, { list, ...facts }) {
  const entry = badge.credentialStatus;
  const same = entry && !Array.isArray(entry) && list && entry.statusListCredential === list.id && issuerOf(list) === issuerOf(badge);
  if (!same || entry.statusPurpose !== "revocation") return { state: "unchecked", say: "no-list" };
  const signed = await signatureOf(list, { ...facts, list });
  if (signed.state !== "ok") return { state: "failed", say: "list-wrong" };
  try {
    const set = await bitOf(list.credentialSubject.encodedList, entry.statusListIndex);
    return { state: set ? "failed" : "unchecked", say: set ? "withdrawn" : "not-since", date: list.validFrom };
  } catch (error) {
    console.warn(error);
    return { state: "failed", say: "list-wrong" };
  }
}

/**
 * @param {string} packed
 * @param {string} index
 */
async function bitOf(packed, index) {
  const bits = await unpack(multibase(packed), "gzip", LIST_LIMIT);
  const place = /^\d{1,9}$/.test(index) ? Number(index) : -1;
  if (place < 0 || place >= bits.length * 8) throw new RangeError("no such place");
  return Boolean((bits[place >> 3] >> (7 - (place & 7))) & 1);
}

/**
 * @param {any} badge
 * @param {number} now
 * @returns {Result}
 */
function datesOf({ validFrom, validUntil }, now) {
  const [start, end] = [moment(validFrom), validUntil === undefined ? Infinity : moment(validUntil)];
  if (Number.isNaN(start) || Number.isNaN(end)) return { state: "failed", say: "dates-wrong" };
  if (start > now + SKEW_MS) return { state: "failed", say: "not-yet", date: validFrom };
  if (end < now) return { state: "failed", say: "expired", date: validUntil };
  return end === Infinity ? { state: "ok", say: "dates-ok", date: validFrom } : { state: "ok", say: "dates-until", date: validUntil };
}

/** A time without a zone is none: nobody can say when it is. @param {unknown} text */
function moment(text) {
  return typeof text === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
}

/** @param {any} document */
export function issuerOf({ issuer }) {
  const found = issuer && typeof issuer === "object" ? issuer.id : issuer;
  return typeof found === "string" ? found : "";
}
