/** The recovery kit on paper: a sheet that only the printer sees, on A4 as on A6. */
import { render } from "preact";
import { gettext } from "../i18n.js";
import { dateWords } from "./date-words.js";
import { drawCode } from "./draw-code.js";

/** @typedef {import("../actions/kits.js").Kit} Kit */

/** @param {Kit} kit */
export async function printKit(kit) {
  const code = await drawCode(kit.address);
  const sheet = document.createElement("div");
  sheet.className = "print-sheet";
  sheet.dataset.print = "kit";
  render(<Sheet kit={kit} code={code} />, sheet);
  for (const old of document.querySelectorAll(".print-sheet")) old.remove();
  document.body.append(sheet);
  addEventListener("afterprint", () => sheet.remove(), { once: true });
  window.print();
}

/** @param {{kit: Kit, code: {size: number, path: string}}} props */
function Sheet({ kit, code }) {
  const box = `-4 -4 ${code.size + 8} ${code.size + 8}`;
  return (
    <article>
      <h1>{gettext("Recovery kit")}</h1>
      <p>
        <strong>{document.querySelector(".brand")?.textContent?.trim()}</strong> · {dateWords(new Date().toISOString())}
      </p>
      <p>{gettext("Lost your phone? Open %(address)s on a new one and type these words, or scan the code.", { address: kit.address.replace(/^https?:\/\/|#.*$/g, "") })}</p>
      <ol lang={kit.lang} dir="ltr">
        {kit.words.map((word, place) => (
          <li key={place}>{word}</li>
        ))}
      </ol>
      <svg class="print-code" viewBox={box} role="img" aria-label={gettext("The same as a code, for a phone's camera")} shape-rendering="crispEdges">
        <rect x="-4" y="-4" width={code.size + 8} height={code.size + 8} fill="#fff" />
        <path d={code.path} fill="#000" />
      </svg>
      <p>{gettext("Whoever has this paper learns as you, with your badges. Keep it like a key.")}</p>
    </article>
  );
}
