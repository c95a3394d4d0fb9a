/** What stands on paper: the certificate, the wallet card, the stickers. The same as the server's, drawn by the browser. */
import { gettext, inLanguage } from "../i18n.js";
import { dateWords } from "./date-words.js";
import { Criteria } from "./badge-criteria.jsx";

/** @typedef {{award: AwardRow, code: {text: string, size: number, path: string}}} Badge */

/** @param {{what: import("./print-badge.jsx").Print, name: string, badges: Badge[]}} props */
export function PrintSheet({ what, name, badges }) {
  if (what === "certificate") return <Certificate badge={badges[0]} name={name} />;
  if (what === "card") return <Card badge={badges[0]} name={name} />;
  return (
    <ul class="print-stickers">
      {badges.map((badge, number) => (
        <li key={number}>
          <Code badge={badge} />
          <div>
            <img src={badge.award.image} alt="" />
            <strong dir="auto">{inLanguage(badge.award.name)}</strong>
            <small>{new URL(badge.award.url).host}</small>
          </div>
        </li>
      ))}
    </ul>
  );
}

/** @param {{badge: Badge, name: string}} props */
function Certificate({ badge, name }) {
  const { award } = badge;
  return (
    <article>
      <Head award={award} title={gettext("Certificate")} />
      <Name award={award} name={name} />
      <p>{dates(award)}</p>
      <p dir="auto">{inLanguage(award.description)}</p>
      <div class="print-ground">
        <section>
          <h2>{gettext("What had to be done")}</h2>
          <div dir="auto">
            <Criteria text={inLanguage(award.criteria)} />
          </div>
          <h2>{gettext("How it was checked")}</h2>
          <p dir="auto">{inLanguage(award.assurance.words)}</p>
        </section>
        <section class="print-check">
          <h2>{gettext("Is it real?")}</h2>
          <Code badge={badge} />
          <p>{scanWords(award)}</p>
        </section>
      </div>
      <footer>
        {gettext("Paper cannot tell whether a badge was withdrawn later; its page does:")} {award.url}
      </footer>
    </article>
  );
}

/** @param {{badge: Badge, name: string}} props */
function Card({ badge, name }) {
  return (
    <article>
      <Head award={badge.award} title="" />
      <Name award={badge.award} name={name} />
      <p>{dates(badge.award)}</p>
      <Code badge={badge} />
      <p>{scanWords(badge.award)}</p>
    </article>
  );
}

/** @param {{award: AwardRow, title: string}} props */
function Head({ award, title }) {
  return (
    <>
      <p class="print-band">{title}</p>
      <img src={award.image} alt="" />
    </>
  );
}

/** @param {{award: AwardRow, name: string}} props */
function Name({ award, name }) {
  return (
    <>
      <h1 dir="auto">{inLanguage(award.name)}</h1>
      <p>{gettext("Badge from %(issuer)s", { issuer: inLanguage(award.issuer.name) })}</p>
      {name && (
        <>
          <p class="print-name" dir="auto">
            {name}
          </p>
          <p>
            <small>{gettext("The holder wrote this name on the paper. The badge itself carries no name.")}</small>
          </p>
        </>
      )}
    </>
  );
}

/** @param {{badge: Badge}} props */
function Code({ badge: { code } }) {
  const box = `-4 -4 ${code.size + 8} ${code.size + 8}`;
  return (
    <svg class="print-code" viewBox={box} role="img" aria-label={gettext("QR code: %(address)s", { address: code.text })} shape-rendering="crispEdges">
      <rect x="-4" y="-4" width={code.size + 8} height={code.size + 8} fill="#fff" />
      <path d={code.path} fill="#000" />
    </svg>
  );
}

/** @param {AwardRow} award */
function dates(award) {
  const earned = gettext("Earned on %(date)s", { date: dateWords(award.awarded_at) });
  const valid = award.valid_until
    ? gettext("Valid until %(date)s", { date: dateWords(award.valid_until) })
    : gettext("Valid with no end");
  return `${earned} · ${valid}`;
}

/** @param {AwardRow} award */
function scanWords(award) {
  return gettext("Scan this code: %(host)s says whether the badge still holds.", { host: new URL(award.url).host });
}
