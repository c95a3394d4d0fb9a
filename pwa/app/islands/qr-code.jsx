/** A QR code drawn on the phone: dark on white with its quiet zone in any colour scheme, or cameras fail. */
import { useEffect, useState } from "preact/hooks";

/** Modules of white around the code, as ISO/IEC 18004 asks for. */
const QUIET = 4;

/**
 * @param {{ text: string, label: string, class?: string }} props text: what is read · label: what is heard instead
 */
export function QrCode({ text, label, class: styled = "phone-code" }) {
  const [drawn, setDrawn] = useState(/** @type {{ text: string, size: number, path: string } | null} */ (null));
  useEffect(() => {
    draw(text).then(setDrawn, console.warn);
  }, [text]);
  if (!drawn) return <div class={styled} />;
  const size = drawn.size + 2 * QUIET;
  const box = `${-QUIET} ${-QUIET} ${size} ${size}`;
  return (
    <svg class={styled} viewBox={box} role="img" aria-label={label} shape-rendering="crispEdges" data-address={drawn.text}>
      <rect x={-QUIET} y={-QUIET} width={size} height={size} fill="#fff" />
      <path d={drawn.path} fill="#000" />
    </svg>
  );
}

/**
 * Digits, capitals and other characters each in the mode that packs them tightest: a pass is mostly digits, and in one
 * mode its code would be nearly twice as large.
 * @param {string} text
 * @returns {Promise<{text: string, size: number, path: string}>}
 */
async function draw(text) {
  const { correction, generate } = await import("lean-qr");
  const code = generate(text, { minCorrectionLevel: correction.M });
  const places = [...Array(code.size).keys()];
  const cells = places.flatMap((y) => places.map((x) => (code.get(x, y) ? `M${x} ${y}h1v1h-1z` : "")));
  return { text, size: code.size, path: cells.join("") };
}
