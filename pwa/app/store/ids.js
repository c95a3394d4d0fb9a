/** Ids made where the thing is made: UUIDv7 (RFC 9562), so they sort by time and need no server. */

let last = 0;
let count = 0;

/**
 * Make an id. Ids made by one page sort in the order they were made, also within a millisecond.
 * @param {number} [now] ms
 * @returns {string} 36 characters, lower case
 */
export function newId(now = Date.now()) {
  // The 12 bits after the time count up within a millisecond (RFC 9562, method 1).
  if (now > last) [last, count] = [now, crypto.getRandomValues(new Uint16Array(1))[0] & 0x3ff];
  else if (++count > 0xfff) [last, count] = [last + 1, 0];
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setUint32(0, Math.floor(last / 0x10000));
  new DataView(bytes.buffer).setUint16(4, last % 0x10000);
  bytes[6] = 0x70 | (count >> 8);
  bytes[7] = count & 0xff;
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
