/** The spellings of bytes that a badge uses: base58 (keys, signatures), base64url (lists), base45 (codes). */

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/**
 * Multibase `z…` or `u…`.
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function multibase(text) {
  if (text[0] === "z" && text.length < 200) return base58(text.slice(1));
  if (text[0] === "u") {
    return Uint8Array.from(atob(text.slice(1).replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
  }
  throw new RangeError("unknown multibase");
}

/** @param {string} text */
function base58(text) {
  let number = 0n;
  for (const char of text) number = number * 58n + BigInt(place(BASE58, char));
  const hex = number ? number.toString(16) : "";
  const digits = hex.length % 2 ? `0${hex}` : hex;
  const zeros = /^1*/.exec(text)?.[0].length ?? 0;
  return new Uint8Array([...Array(zeros).fill(0), ...(digits.match(/../g) ?? []).map((pair) => parseInt(pair, 16))]);
}

/**
 * RFC 9285.
 * @param {string} text
 */
export function base45(text) {
  const bytes = [];
  for (let start = 0; start < text.length; start += 3) {
    const digits = [...text.slice(start, start + 3)].map((char) => place(BASE45, char));
    const value = digits.reduce((sum, digit, index) => sum + digit * 45 ** index, 0);
    if (digits.length === 1 || value >= 256 ** (digits.length - 1)) throw new RangeError("not base45");
    bytes.push(...(digits.length === 3 ? [value >> 8, value & 255] : [value]));
  }
  return new Uint8Array(bytes);
}

/**
 * @param {string} alphabet
 * @param {string} char
 */
function place(alphabet, char) {
  const found = alphabet.indexOf(char);
  if (found < 0) throw new RangeError("not in the alphabet");
  return found;
}

/**
 * @param {Uint8Array<ArrayBuffer>} packed
 * @param {"gzip" | "deflate"} how
 * @param {number} limit bytes, so that a small file cannot become a huge one
 */
export async function unpack(packed, how, limit) {
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream(how)).getReader();
  const parts = [];
  let size = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    size += read.value.length;
    if (size > limit) throw new RangeError("too large");
    parts.push(read.value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
