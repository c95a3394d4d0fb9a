/** A badge on paper, printed by the phone itself: what to choose, with no network, and a name that stays here. */
import "../load/visiting.js";
import { useState } from "preact/hooks";
import { gettext, language } from "../i18n.js";
import { awards } from "../store/feed.js";
import { printOut } from "./print-out.jsx";
import { useLive } from "./use-live.js";

/** @typedef {"certificate" | "card" | "stickers" | "all"} Print */

/** What the PDF of each is called at the server. @type {Record<Print, string>} */
const FILES = { certificate: ".pdf", card: "/card.pdf", stickers: "/stickers.pdf", all: "/stickers.pdf" };
const NAME = 80;

/** @param {{award: AwardRow}} props */
export function PrintBadge({ award }) {
  const [what, setWhat] = useState(/** @type {Print} */ ("certificate"));
  const [name, setName] = useState("");
  const mine = useLive(awards, ["feed", "settings"]) ?? [];
  const all = mine.filter(({ revoked_at }) => !revoked_at);
  const named = what === "certificate" || what === "card";
  const print = () => printOut({ what, name: named ? name.trim() : "", awards: what === "all" ? all : [award] });
  return (
    <form class="print-choice" method="post" action={`${new URL(award.url).pathname}${FILES[what]}?lang=${language()}`} target="_blank">
      <fieldset>
        <legend>{gettext("What to print")}</legend>
        {choices(all.length).map(([one, title, words]) => (
          <label key={one} class="print-one">
            <input type="radio" name="what" checked={what === one} onChange={() => setWhat(one)} />
            <span>
              <strong>{title}</strong> <span class="muted">{words}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {named && (
        <label class="field">
          <span>{gettext("A name on it, if you like")}</span>
          <input name="name" maxLength={NAME} dir="auto" autocomplete="name" value={name} onInput={(event) => setName(event.currentTarget.value)} />
          <span class="muted">{gettext("It stands on the paper only. Nobody keeps it.")}</span>
        </label>
      )}
      {what === "certificate" && (
        <label class="choice-row">
          <input type="checkbox" name="whole" value="1" />
          <span>
            {gettext("With the whole badge as a code")}
            <span class="muted">{gettext("On a second page of the PDF file: it can be checked with no network.")}</span>
          </span>
        </label>
      )}
      {what === "all" && all.map(({ url }) => <input key={url} type="hidden" name="badge" value={url.split("/").pop()} />)}
      <p class="badge-ways">
        <button type="button" class="button" onClick={print}>
          {gettext("Print")}
        </button>
        <button type="submit" class="button button-quiet">
          {gettext("As a PDF file")}
        </button>
      </p>
      <p class="muted">
        {gettext("Printing needs no network. The file is made by the server: it is tagged for screen readers, and does not keep your name either.")}
      </p>
    </form>
  );
}

/**
 * @param {number} count badges that may be printed
 * @returns {[Print, string, string][]}
 */
function choices(count) {
  /** @type {[Print, string, string][]} */
  const one = [
    ["certificate", gettext("Certificate"), gettext("A4, with what you did and how it was checked")],
    ["card", gettext("Wallet card"), "A6"],
    ["stickers", gettext("Stickers of this badge"), gettext("24 on A4, labels of 70 × 37 mm")],
  ];
  return count > 1 ? [...one, ["all", gettext("Stickers of all your badges"), gettext("One of each")]] : one;
}
