/** One badge: who says what, how surely, and every way to show it to others. */
import { useEffect, useRef, useState } from "preact/hooks";
import { gettext, inLanguage } from "../i18n.js";
import { Criteria } from "./badge-criteria.jsx";
import { dateWords } from "./date-words.js";
import { KeepHint } from "./keep-hint.jsx";
import { Notice } from "./notice.jsx";
import { ShareWays } from "./share.jsx";
import { useShowing } from "./use-showing.js";
import { usePart } from "./use-part.js";

/**
 * @param {{
 *   award: import("./badges-view.js").Badge,
 *   view: import("./badges-view.js").BadgesView,
 *   onErased: (name: string) => void,
 * }} props
 */
export function BadgeDetail({ award, view, onErased }) {
  const showing = useShowing();
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  useEffect(() => heading.current?.focus(), []);
  const name = inLanguage(award.name);
  const issuer = inLanguage(award.issuer.name);
  return (
    <article class="badge-detail">
      <p>
        <a href="#all">{gettext("All my badges")}</a>
      </p>
      <div class="badge-detail-head">
        <img src={award.image} alt={gettext("Badge: %(name)s", { name })} width="200" height="200" data-withdrawn={Boolean(award.revoked_at)} />
        <div>
          <h2 ref={heading} tabIndex={-1}>
            {name}
          </h2>
          <p class="muted">{gettext("from %(organiser)s", { organiser: issuer })}</p>
          <p class="muted">{gettext("Earned on %(date)s", { date: dateWords(award.awarded_at) })}</p>
          {award.valid_until && !award.revoked_at && <p class="muted">{validWords(award.valid_until)}</p>}
        </div>
      </div>
      {award.valid_until && !award.revoked_at && <Renewal award={award} />}
      {award.revoked_at && <Withdrawn award={award} issuer={issuer} />}
      {!award.revoked_at && award.choice.visibility !== "private" && <ShareBadge award={award} />}
      {!award.revoked_at && <KeepHint />}
      <dl class="badge-facts">
        <dt>{gettext("What it says")}</dt>
        <dd dir="auto">{inLanguage(award.description)}</dd>
        <dt>{gettext("What you did for it")}</dt>
        <dd dir="auto">
          <Criteria text={inLanguage(award.criteria)} />
        </dd>
        {award.results?.map(({ name, level }) => [<dt dir="auto">{inLanguage(name)}</dt>, <dd dir="auto">{inLanguage(level)}</dd>])}
        {award.note && <dt>{gettext("What %(organiser)s says", { organiser: issuer })}</dt>}
        {award.note && <dd dir="auto">{award.note}</dd>}
        <dt>{gettext("How it was checked")}</dt>
        <dd dir="auto">{inLanguage(award.assurance.words)}</dd>
      </dl>
      {award.choice.visibility !== "private" && <Files award={award} />}
      {!award.revoked_at && <OnPaper award={award} />}
      {showing && !award.revoked_at && <showing.Choices award={award} view={view} />}
      {showing && <showing.Erase award={award} onErased={onErased} />}
    </article>
  );
}

/** @param {{award: AwardRow}} props */
function Files({ award }) {
  return (
    <section class="badge-files" aria-labelledby="badge-files">
      <h3 id="badge-files">{gettext("Show and keep it")}</h3>
      <ul>
        <li>
          <a href={pathOf(award.url)}>{gettext("Its page, where anyone can check it")}</a>
        </li>
        <li>
          <a href={pathOf(award.png)} download>
            {gettext("Picture with the badge inside (PNG)")}
          </a>
        </li>
        <li>
          <a href={pathOf(award.json)} download>
            {gettext("Credential for a wallet (JSON)")}
          </a>
        </li>
        {furtherFiles(award).map(({ words, address }) => (
          <li key={address}>
            <a href={pathOf(address)} download>
              {words}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What else the server makes of it; only what it names is there. @param {AwardRow} award */
function furtherFiles({ files = {} }) {
  const words = {
    pdf: gettext("Certificate to print (PDF, A4)"),
    card: gettext("Card for the wallet in your pocket (PDF, A6)"),
    svg: gettext("Drawing with the badge inside (SVG)"),
    jwt: gettext("Credential as one line of text (JWT)"),
  };
  return Object.entries(words).flatMap(([kind, said]) => (files[kind] ? { words: said, address: files[kind] } : []));
}

/** @param {{award: AwardRow}} props */
function OnPaper({ award }) {
  const [open, setOpen] = useState(false);
  const part = usePart(open, () => import("./print-badge.jsx"));
  return (
    <details class="print-paper" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{gettext("On paper: certificate, wallet card, stickers")}</summary>
      {part && <part.PrintBadge award={award} />}
    </details>
  );
}

/** @param {string} until */
const validWords = (until) =>
  Date.parse(until) > Date.now()
    ? gettext("Valid until %(date)s", { date: dateWords(until) })
    : gettext("Ran out on %(date)s", { date: dateWords(until) });

/**
 * A badge that runs out says so in time, and how to have it for longer.
 * @param {{award: AwardRow}} props
 */
function Renewal({ award: { valid_until, renew_from, renewal } }) {
  const over = Date.parse(valid_until ?? "") <= Date.now();
  if (!renew_from) return null;
  if (Date.parse(renew_from) > Date.now())
    return <p class="muted">{gettext("It can be renewed from %(date)s on.", { date: dateWords(renew_from) })}</p>;
  return (
    <Notice tone="warn" sign="clock" title={over ? gettext("This badge has run out") : gettext("This badge runs out soon")}>
      <p dir="auto">{(renewal && inLanguage(renewal)) || gettext("Do it once more, and you have it for another period.")}</p>
    </Notice>
  );
}

/** @param {{award: AwardRow, issuer: string}} props */
function Withdrawn({ award, issuer }) {
  return (
    <Notice tone="bad" title={gettext("This badge was withdrawn on %(date)s", { date: dateWords(award.revoked_at ?? "") })}>
      <p dir="auto">{award.reason || gettext("Ask %(organiser)s why.", { organiser: issuer })}</p>
    </Notice>
  );
}

/** @param {{award: AwardRow}} props */
export function ShareBadge({ award }) {
  const name = inLanguage(award.name);
  return <ShareWays title={name} text={shareWords(name, inLanguage(award.issuer.name))} url={award.url} image={award.png} />;
}

/** Our own address, whatever name the city goes by outside. @param {string} url */
const pathOf = (url) => new URL(url, location.href).pathname;

/**
 * @param {string} name
 * @param {string} issuer
 */
function shareWords(name, issuer) {
  return gettext("I earned the badge “%(name)s” from %(organiser)s.", { name, organiser: issuer });
}
