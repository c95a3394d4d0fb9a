/** A QR code drawn on the phone: dark on white with its quiet zone in any colour scheme, or cameras fail. */
import { useEffect, useState } from "preact/hooks";
import { drawCode } from "./draw-code.js";

/** Modules of white around the code, as ISO/IEC 18004 asks for. */
const QUIET = 4;

/**
 * @param {{ text: string, label: string, class?: string }} props text: what is read · label: what is heard instead
 */
export function QrCode({ text, label, class: styled = "phone-code" }) {
  const [drawn, setDrawn] = useState(/** @type {{ text: string, size: number, path: string } | null} */ (null));
  useEffect(() => {
    drawCode(text).then(setDrawn, console.warn);
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

/** Bring what draws codes while there is a network: a screen that shows one may have none later. */
export const bringCodes = () => void import("lean-qr").catch(console.warn);
