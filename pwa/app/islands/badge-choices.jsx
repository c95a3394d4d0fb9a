/** One badge: who sees it and the work for it, links for somebody, other places to show it, and the learner's later words. */
import { useState } from "preact/hooks";
import { frameOf, htmlOf, linkedIn } from "../actions/badge-places.js";
import { reflect, showAward } from "../actions/portfolio.js";
import { gettext } from "../i18n.js";
import { CopyText, pieceWords, useSaving, WaysToSee } from "./badge-copy.jsx";
import { Endorsements } from "./badge-endorsements.jsx";
import { dateWords } from "./date-words.js";
import { QrCode } from "./qr-code.jsx";
import { LinkMaker } from "./link-maker.jsx";
import { LinkList } from "./link-list.jsx";

/** @typedef {import("./badges-view.js").Badge} Badge */

/** @param {{award: Badge, view: import("./badges-view.js").BadgesView}} props */
export function Choices({ award, view }) {
  const mine = view.links.filter(({ kind, subject }) => kind === "award" && subject === award.id);
  return (
    <>
      <WhoSees award={award} />
      <section class="badge-part" aria-labelledby="badge-links">
        <h3 id="badge-links">{gettext("A link for somebody")}</h3>
        <p class="muted">{gettext("It shows this badge with the work you choose, ends when you say, and you can end it earlier. The badge's own address, without that work, stays with who has read it.")}</p>
        <LinkMaker kind="award" subject={award.id} pieces={award.choice.evidence} />
        <LinkList links={mine} />
      </section>
      {award.choice.visibility !== "private" && <OtherPlaces award={award} />}
      <Reflection award={award} />
      <Endorsements
        award={award.id}
        endorsements={view.endorsements.filter((one) => one.award === award.id)}
        invitations={view.invitations.filter((one) => one.award === award.id)}
      />
    </>
  );
}

/** @returns {[Visibility, string, string][]} */
const ways = () => [
  ["private", gettext("Only me"), gettext("Its page and files are closed, and links to it too. Copies that others saved stay with them.")],
  ["link", gettext("Whoever has a link"), gettext("Nobody can guess the address, and search engines do not get it.")],
  ["public", gettext("Everybody"), gettext("It is also in your portfolio, if you show that to everybody.")],
];

/** @param {{award: Badge}} props */
function WhoSees({ award }) {
  const { visibility, evidence } = award.choice;
  const { saving, said } = useSaving();
  return (
    <section class="badge-part">
      <WaysToSee
        legend={<h3>{gettext("Who sees this badge?")}</h3>}
        name="visibility"
        ways={ways()}
        chosen={visibility}
        onChoose={(value) => void saving(() => showAward({ award: award.id, visibility: value }))}
      />
      {evidence.length > 0 && (
        <fieldset class="badge-work">
          <legend>{gettext("Who sees the work you handed in for it?")}</legend>
          {evidence.map((piece) => (
            <Piece key={piece.event} piece={piece} onChoose={(chosen) => saving(() => showAward({ award: award.id, visibility, evidence: [{ event: piece.event, visibility: chosen }] }))} />
          ))}
        </fieldset>
      )}
      <p class="muted" role="status">
        {said}
      </p>
    </section>
  );
}

/** @param {{piece: WorkPiece, onChoose: (visibility: Visibility) => void}} props */
function Piece({ piece, onChoose }) {
  const id = `work-${piece.event}`;
  return (
    <p class="field work-piece">
      <label for={id}>{pieceWords(piece)}</label>
      <select id={id} value={piece.visibility} onChange={(event) => onChoose(/** @type {Visibility} */ (event.currentTarget.value))}>
        <option value="private">{gettext("Only me")}</option>
        <option value="link">{gettext("By the links I choose")}</option>
        <option value="public">{gettext("Whoever sees the badge")}</option>
      </select>
    </p>
  );
}

/** @param {{award: Badge}} props */
function OtherPlaces({ award }) {
  return (
    <details class="badge-part">
      <summary>{gettext("Show it by QR code, on LinkedIn, or on a website")}</summary>
      <QrCode text={award.url} label={gettext("QR code of the badge's page")} />
      <p>
        <a class="button button-quiet" href={linkedIn(award)} target="_blank" rel="noopener noreferrer">
          {gettext("Add to my LinkedIn profile")}
        </a>
      </p>
      <p class="muted">{gettext("LinkedIn opens with everything filled in. Nothing is sent there until you tap it.")}</p>
      <CopyText label={gettext("A frame for a website, which keeps saying whether the badge holds")} text={frameOf(award)} />
      <CopyText label={gettext("Plain HTML, for where frames are not allowed")} text={htmlOf(award)} />
    </details>
  );
}

/** @param {{award: Badge}} props */
function Reflection({ award }) {
  const { reflection, reflected_at } = award.choice;
  const [text, setText] = useState(reflection);
  const { saving, said } = useSaving();
  return (
    <section class="badge-part" aria-labelledby="badge-words">
      <h3 id="badge-words">{gettext("What I say about it today")}</h3>
      <p class="muted" id="badge-words-help">
        {gettext("Your words stand beside the badge, with their date, for whoever sees it. The badge itself stays as it was signed.")}
      </p>
      <p class="field">
        <textarea rows={4} maxLength={2000} dir="auto" aria-labelledby="badge-words" aria-describedby="badge-words-help" value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </p>
      <p>
        <button type="button" class="button button-quiet" disabled={text.trim() === reflection} onClick={() => saving(() => reflect(award.id, text.trim()))}>
          {gettext("Keep my words")}
        </button>
      </p>
      <p class="muted" role="status">
        {said || (reflected_at && reflection ? gettext("Added on %(date)s", { date: dateWords(reflected_at) }) : "")}
      </p>
    </section>
  );
}
