/** A badge from what somebody gives: JSON, a picture with a badge inside, the text or a picture of its code. */

import { base45, unpack } from "./bytes.js";

const LIMIT = 5 * 1024 * 1024;
const CODE_LIMIT = 64 * 1024;
const PREFIX = "OB3:";
const PNG = [137, 80, 78, 71, 13, 10, 26, 10];
const CHUNK = "openbadgecredential";

/** @param {File} file */
export async function readFile(file) {
  if (file.size > LIMIT) throw new RangeError("too large");
  const bytes = new Uint8Array(await file.arrayBuffer());
  const baked = PNG.every((byte, place) => bytes[place] === byte) ? unbake(bytes) : null;
  if (baked) return readText(baked);
  if (file.type.startsWith("image/")) return readText((await codesIn(await createImageBitmap(file)))[0] ?? "");
  return readText(decode(bytes));
}

/** @param {string} text */
export async function readText(text) {
  const given = text.trim();
  if (given.length > LIMIT) throw new RangeError("too large");
  const json = given.startsWith(PREFIX) ? decode(await unpack(base45(given.slice(PREFIX.length)), "deflate", CODE_LIMIT)) : given;
  const badge = JSON.parse(json);
  if (!badge || typeof badge !== "object" || Array.isArray(badge)) throw new TypeError("no badge");
  return badge;
}

/**
 * The texts of the codes in a picture, where the browser can read codes.
 * @param {ImageBitmapSource} picture
 * @returns {Promise<string[]>}
 */
export async function codesIn(picture) {
  if (!("BarcodeDetector" in globalThis)) throw new ReferenceError("no reader of codes");
  const found = await new /** @type {any} */ (globalThis).BarcodeDetector({ formats: ["qr_code"] }).detect(picture);
  return found.map((/** @type {{rawValue: string}} */ one) => one.rawValue);
}

/**
 * The uncompressed iTXt chunk that Open Badges 3.0 bakes into a PNG.
 * @param {Uint8Array} bytes
 */
function unbake(bytes) {
  const view = new DataView(bytes.buffer);
  for (let at = 8; at + 12 <= bytes.length; ) {
    const size = view.getUint32(at);
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const body = bytes.subarray(at + 8, at + 8 + size);
    if (kind === "iTXt" && decode(body.subarray(0, CHUNK.length + 1)) === `${CHUNK}\0`) return textOf(body);
    at += 12 + size;
  }
  return null;
}

/** Behind keyword, flags, language and its translation. @param {Uint8Array} body */
function textOf(body) {
  let at = CHUNK.length + 3;
  for (let ends = 0; ends < 2; at++) if (body[at] === 0) ends++;
  else if (at >= body.length) throw new RangeError("damaged");
  return decode(body.subarray(at));
}

/** @param {Uint8Array} bytes */
const decode = (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
