/** What a QR code looks like: its dark modules as the path of an SVG. */

/**
 * Digits, capitals and other characters each in the mode that packs them tightest: a pass is mostly digits, and in one
 * mode its code would be nearly twice as large.
 * @param {string} text
 * @returns {Promise<{text: string, size: number, path: string}>} size: modules a side, without a quiet zone
 */
export async function drawCode(text) {
  const { correction, generate } = await import("lean-qr");
  const code = generate(text, { minCorrectionLevel: correction.M });
  const places = [...Array(code.size).keys()];
  const cells = places.flatMap((y) => places.map((x) => (code.get(x, y) ? `M${x} ${y}h1v1h-1z` : "")));
  return { text, size: code.size, path: cells.join("") };
}
