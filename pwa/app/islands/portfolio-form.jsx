/** The portfolio and the CV: off until the learner wants them, and what they say of themselves. */
import { useState } from "preact/hooks";
import { showPortfolio } from "../actions/portfolio.js";
import { gettext } from "../i18n.js";
import { useSaving, WaysToSee } from "./badge-copy.jsx";
import { LinkList } from "./link-list.jsx";
import { LinkMaker } from "./link-maker.jsx";
import { ShareWays } from "./share.jsx";

/** @typedef {import("./badges-view.js").BadgesView} View */

/** @returns {[Visibility, string, string][]} */
const ways = () => [
  ["private", gettext("Nobody"), gettext("The page is off. Links that you give to somebody still work.")],
  ["link", gettext("Whoever has its address"), gettext("It shows all badges but those that only you see. Search engines do not get it.")],
  ["public", gettext("Everybody"), gettext("It shows the badges that everybody may see, and search engines may find it.")],
];

/** @returns {[string, string][]} */
const parts = () => [
  ["collections", gettext("My collections")],
  ["skills", gettext("A chart of my skills")],
  ["map", gettext("A map of where I was, to about a kilometre")],
];

/** @returns {[string, string, string, number][]} */
const fields = () => [
  ["label", gettext("What I am or look for"), "text", 80],
  ["city", gettext("Town"), "text", 80],
  ["email", gettext("Mail"), "email", 200],
  ["phone", gettext("Telephone"), "tel", 40],
  ["url", gettext("Website"), "url", 300],
];

/** @param {{view: View}} props */
export function PortfolioForm({ view }) {
  const [said, setSaid] = useState(() => begin(view.portfolio));
  const saver = useSaving();
  const set = (/** @type {Partial<typeof said>} */ changed) => setSaid({ ...said, ...changed });
  const keep = (/** @type {Event} */ event) => {
    event.preventDefault();
    void saver.saving(() => showPortfolio({ ...said, name: said.name.trim(), cv: trimmed(said.cv) }));
  };
  return (
    <>
      <form class="portfolio-form" onSubmit={keep}>
        <WaysToSee
          legend={gettext("Who sees my portfolio?")}
          name="portfolio"
          ways={ways()}
          chosen={said.visibility}
          onChoose={(visibility) => set({ visibility })}
        />
        <p class="field">
          <label for="my-name">{gettext("Name, as others read it")}</label>
          <input id="my-name" maxLength={80} autocomplete="name" dir="auto" value={said.name} onInput={(event) => set({ name: event.currentTarget.value })} />
        </p>
        <p class="field">
          <label for="my-about">{gettext("About me")}</label>
          <textarea id="my-about" rows={4} maxLength={2000} dir="auto" value={said.about} onInput={(event) => set({ about: event.currentTarget.value })} />
        </p>
        <fieldset class="badge-work">
          <legend>{gettext("Show with it")}</legend>
          {parts().map(([part, words]) => (
            <label key={part} class="choice-row">
              <input type="checkbox" checked={said.parts[part] !== false} onChange={(event) => set({ parts: { ...said.parts, [part]: event.currentTarget.checked } })} />
              <span>{words}</span>
            </label>
          ))}
        </fieldset>
        <fieldset class="badge-work">
          <legend>{gettext("For my CV. Only who has a link to it reads this.")}</legend>
          {fields().map(([field, words, type, most]) => (
            <p key={field} class="field">
              <label for={`cv-${field}`}>{words}</label>
              <input id={`cv-${field}`} type={type} maxLength={most} dir="auto" value={said.cv[field] ?? ""} onInput={(event) => set({ cv: { ...said.cv, [field]: event.currentTarget.value } })} />
            </p>
          ))}
        </fieldset>
        <button type="submit" class="button">
          {gettext("Keep it")}
        </button>
        <p class="muted" role="status">
          {saver.said}
        </p>
      </form>
      <Address portfolio={view.portfolio} />
      <Given view={view} kind="cv" id="cv-links" title={gettext("My CV for somebody")} />
      <Given view={view} kind="portfolio" id="portfolio-links" title={gettext("My portfolio for somebody")} />
    </>
  );
}

/** @param {Record<string, string>} texts */
const trimmed = (texts) => Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text.trim()]));

/** @param {PortfolioRow} row */
const begin = ({ visibility, name, about, parts: shown, cv }) => ({ visibility, name, about, parts: shown, cv });

/** @param {{portfolio: PortfolioRow}} props */
function Address({ portfolio }) {
  if (portfolio.visibility === "private") return null;
  if (!portfolio.url) return <p class="state state-unknown">{gettext("Your page has its address once this is sent.")}</p>;
  return (
    <section class="badge-part" aria-labelledby="portfolio-address">
      <h3 id="portfolio-address">{gettext("My page")}</h3>
      <p>
        <a href={new URL(portfolio.url, location.href).pathname}>{gettext("See it as others do")}</a>
      </p>
      <ShareWays title={portfolio.name || gettext("My portfolio")} url={portfolio.url} />
    </section>
  );
}

/** @param {{view: View, kind: "cv" | "portfolio", id: string, title: string}} props */
function Given({ view, kind, id, title }) {
  return (
    <section class="badge-part" aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      <LinkMaker kind={kind} subject={null} />
      <LinkList links={view.links.filter((link) => link.kind === kind)} />
    </section>
  );
}
