/** Looks at files before they are handed in: of which kind, how large, how many; and makes photos small. */

import { sha256 } from "../store/blobs.js";
import { reencode } from "./photo.js";

export const MOST_FILES = 10;
/** Before a photo is made small. */
export const MOST_BYTES = 20 * 1024 * 1024;

/**
 * A file that can be handed in, as a draft keeps it.
 * @typedef {{id: string, name: string, mime: string, bytes: ArrayBuffer}} TakenFile id: its SHA-256
 *
 * kind: not what the task asks for · size: too large · many: no room for it · unreadable: this browser cannot
 * open it · again: it is here already · empty
 * @typedef {{name: string, why: "kind" | "size" | "many" | "unreadable" | "again" | "empty"}} RefusedFile
 */

/**
 * Take what can be handed in, one file after the other, and say of each other one why not.
 * @param {"photo" | "audio"} kind
 * @param {File[]} files
 * @param {TakenFile[]} before those taken earlier
 * @returns {Promise<{taken: TakenFile[], refused: RefusedFile[]}>} taken: all of them
 */
export async function takeFiles(kind, files, before) {
  const taken = [...before];
  /** @type {RefusedFile[]} */
  const refused = [];
  for (const file of files) {
    const found = taken.length < MOST_FILES ? await take(kind, file) : "many";
    const why = typeof found !== "string" && taken.some(({ id }) => id === found.id) ? "again" : found;
    if (typeof why === "string") refused.push({ name: file.name, why });
    else taken.push(why);
  }
  return { taken, refused };
}

/**
 * @param {"photo" | "audio"} kind
 * @param {File} file
 * @returns {Promise<TakenFile | RefusedFile["why"]>}
 */
async function take(kind, file) {
  if (file.size > MOST_BYTES) return "size";
  if (!file.size) return "empty";
  try {
    const small = kind === "photo" ? await takePhoto(file) : await takeSound(file);
    if (typeof small === "string") return small;
    return { id: await sha256(small.bytes), name: file.name, mime: small.mime, bytes: small.bytes };
  } catch {
    return "unreadable";
  }
}

/**
 * Whatever picture this browser can open is taken: it is drawn anew as a JPEG.
 * @param {File} file
 * @returns {Promise<{bytes: ArrayBuffer, mime: string} | "kind">}
 */
async function takePhoto(file) {
  const head = await headOf(file);
  if ((file.type && !file.type.startsWith("image/")) || soundKind(head)) return "kind";
  return reencode(file);
}

/**
 * @param {File} file
 * @returns {Promise<{bytes: ArrayBuffer, mime: string} | "kind">}
 */
async function takeSound(file) {
  const mime = soundKind(await headOf(file));
  if (!mime || file.type.startsWith("video/")) return "kind";
  return { bytes: await file.arrayBuffer(), mime };
}

/** @param {File} file */
const headOf = async (file) => new Uint8Array(await file.slice(0, 64).arrayBuffer());

/**
 * Tell a sound by how it begins, never by its name: the server does the same.
 * @param {Uint8Array} head
 * @returns {string | null} its MIME type; null when it is none that is taken
 */
export function soundKind(head) {
  const text = String.fromCharCode(...head.slice(0, 64));
  if (text.startsWith("\x1a\x45\xdf\xa3") && text.includes("webm")) return "audio/webm";
  if (text.startsWith("OggS")) return "audio/ogg";
  if (text.slice(4, 8) === "ftyp" && !/^(avi[fs]|heic|heix|mif1|msf1)/.test(text.slice(8))) return "audio/mp4";
  if (text.startsWith("RIFF") && text.slice(8, 12) === "WAVE") return "audio/wav";
  if (text.startsWith("ID3") || (head[0] === 0xff && (head[1] & 0xe6) === 0xe2)) return "audio/mpeg";
  return null;
}
