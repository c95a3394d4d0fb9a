/**
 * Passes, which a learner's phone shows at a door, and receipts, which the door's phone shows back. Both are signed by
 * the phone's own key and written as one decimal number, which a QR code packs tightest: the device (122 bits), the step
 * of 30 seconds (27 bits), the signature (512 bits).
 */

import { fromBase64url, toBase64url, utf8 } from "../sync/bytes.js";

/**
 * @typedef {import("../sync/api.js").Signer} Signer
 * @typedef {{device: string, step: number, signature: Uint8Array<ArrayBuffer>}} Receipt device: of the door
 * @typedef {Receipt & {extra: string, picture: string, name: string}} Pass device: the learner's · picture, name: both
 *   empty when the learner shows none
 * @typedef {{host: string, point: string, learnerDevice: string}} About who was let in, and where
 */

/** Most characters of name and picture, as they are written. */
const MAX_EXTRA = 200;
const STEP_BITS = 27n; // until 2097
const SIGNATURE_BITS = 512n;
const DIGITS = 199;
const FORM = /^([45])(\d{199})(\.[\w-]{1,200})?$/;
const KEY = { name: "ECDSA", namedCurve: "P-256" };
const SIGNING = { name: "ECDSA", hash: "SHA-256" };

/**
 * What a pass's QR holds. In capitals it takes fewer modules.
 * @param {string} origin location.origin
 * @param {string} fragment
 */
export const passAddress = (origin, fragment) => `${origin.toUpperCase()}/P#${fragment}`;

/**
 * What the QR of a rotating code or of a receipt holds.
 * @param {string} origin location.origin
 * @param {string} point
 * @param {string} fragment
 */
export const pointAddress = (origin, point, fragment) => `${origin.toUpperCase()}/S/${point}#${fragment}`;

/**
 * Write what the learner agreed to show.
 * @param {string} picture its id
 * @param {string} name
 * @returns {string} for `writePass`
 * @throws {RangeError} when it is too long, or holds control characters
 */
export function writeExtra(picture, name) {
  const extra = `.${toBase64url(utf8(`${picture}\n${name}`))}`;
  if (!readExtra(extra)) throw new RangeError("name and picture do not fit");
  return extra;
}

/**
 * @param {{host: string, step: number, extra?: string}} content host: location.host · step: see rotating.js ·
 *   extra: see `writeExtra`
 * @param {Pick<Signer, "device" | "sign">} signer
 * @returns {Promise<string>} the fragment
 */
export async function writePass({ host, step, extra = "" }, { device, sign }) {
  const signature = await sign(passContent(host, device, step, extra));
  return `4${writeDigits(device, step, fromBase64url(signature))}${extra}`;
}

/**
 * @param {string} fragment
 * @returns {Pass | null} null: of another kind or form. Says nothing about the signature
 */
export function readPass(fragment) {
  const [, kind, digits, extra = ""] = FORM.exec(fragment) ?? [];
  const read = kind === "4" ? readDigits(digits) : null;
  const shown = readExtra(extra);
  return read && shown && { ...read, extra, ...shown };
}

/**
 * Was it made for this host, by the key of its device?
 * @param {Pass} pass
 * @param {string} host
 * @param {JsonWebKey} key
 */
export function isPassSigned({ device, step, extra, signature }, host, key) {
  return isSigned(key, signature, passContent(host, device, step, extra));
}

/**
 * @param {About & {step: number}} about
 * @param {Pick<Signer, "device" | "sign">} signer of the door
 * @returns {Promise<string>} the fragment
 */
export async function writeReceipt({ step, ...about }, { device, sign }) {
  return `5${writeDigits(device, step, fromBase64url(await sign(receiptContent(about, step))))}`;
}

/**
 * @param {string} fragment
 * @returns {Receipt | null} null: of another kind or form. Says nothing about the signature
 */
export function readReceipt(fragment) {
  const [, kind, digits, extra] = FORM.exec(fragment) ?? [];
  return kind === "5" && !extra ? readDigits(digits) : null;
}

/**
 * Did the door's key let this device in?
 * @param {Receipt} receipt
 * @param {About} about
 * @param {JsonWebKey} key
 */
export function isReceiptSigned({ step, signature }, about, key) {
  return isSigned(key, signature, receiptContent(about, step));
}

/**
 * @param {string} host
 * @param {string} device
 * @param {number} step
 * @param {string} extra
 */
const passContent = (host, device, step, extra) => utf8(`streetwise4${host}${device}${step}${extra}`);

/**
 * @param {About} about
 * @param {number} step
 */
const receiptContent = ({ host, point, learnerDevice }, step) =>
  utf8(`streetwise5${host}${point}${learnerDevice}${step}`);

/**
 * @param {JsonWebKey} jwk
 * @param {Uint8Array<ArrayBuffer>} signature
 * @param {Uint8Array<ArrayBuffer>} content
 * @returns {Promise<boolean>} false also when the key is none
 */
async function isSigned({ kty, crv, x, y }, signature, content) {
  try {
    const key = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, KEY, false, ["verify"]);
    return await crypto.subtle.verify(SIGNING, key, signature, content);
  } catch {
    return false;
  }
}

/**
 * @param {string} device
 * @param {number} step
 * @param {Uint8Array} signature
 */
function writeDigits(device, step, signature) {
  if (step >= 2 ** Number(STEP_BITS) || signature.length !== 64) throw new RangeError("too many bits");
  const number = (shorten(device) << STEP_BITS) | BigInt(step);
  return ((number << SIGNATURE_BITS) | BigInt(`0x${toHex(signature)}`)).toString().padStart(DIGITS, "0");
}

/**
 * @param {string} digits
 * @returns {Receipt | null}
 */
function readDigits(digits) {
  const number = BigInt(digits);
  const device = number >> (STEP_BITS + SIGNATURE_BITS);
  if (device >> 122n) return null;
  return {
    device: lengthen(device),
    step: Number(BigInt.asUintN(Number(STEP_BITS), number >> SIGNATURE_BITS)),
    signature: fromHex(BigInt.asUintN(512, number).toString(16).padStart(128, "0")),
  };
}

/**
 * Leave out the bits that every UUIDv7 has in common: version (after 48 bits) and variant (after 64).
 * @param {string} device
 */
function shorten(device) {
  const whole = BigInt(`0x${device.replaceAll("-", "")}`);
  const short = ((whole >> 80n) << 74n) | (BigInt.asUintN(12, whole >> 64n) << 62n) | BigInt.asUintN(62, whole);
  if (lengthen(short) !== device) throw new RangeError("a device's id is a UUIDv7");
  return short;
}

/** @param {bigint} short */
function lengthen(short) {
  const ends = (BigInt.asUintN(12, short >> 62n) << 64n) | (2n << 62n) | BigInt.asUintN(62, short);
  const hex = (((short >> 74n) << 80n) | (7n << 76n) | ends).toString(16).padStart(32, "0");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/**
 * @param {string} extra
 * @returns {{picture: string, name: string} | null} both empty when nothing is shown, null when it is not of the form
 */
function readExtra(extra) {
  if (!extra) return { picture: "", name: "" };
  if (extra.length > 1 + MAX_EXTRA) return null;
  try {
    const bytes = fromBase64url(extra.slice(1));
    if (toBase64url(bytes) !== extra.slice(1)) return null; // only the one spelling, as on the server
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const [, picture, name] = /^([^\0-\x1f\x7f]*)\n([^\0-\x1f\x7f]*)$/.exec(text) ?? [];
    return picture === undefined ? null : { picture, name };
  } catch {
    return null;
  }
}

/** @param {Uint8Array} bytes */
const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** @param {string} hex */
const fromHex = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
