/** The screens behind the grid: order, collections, badges from elsewhere, links, portfolio. Each has its own place in the history. */
import { useEffect, useRef } from "preact/hooks";
import { gettext, inLanguage } from "../i18n.js";
import { Arrange } from "./badge-arrange.jsx";
import { Collection, Collections } from "./badge-collections.jsx";
import { Imports } from "./imports.jsx";
import { LinkList } from "./link-list.jsx";
import { OfTurn } from "./of-turn.jsx";
import { PortfolioForm } from "./portfolio-form.jsx";

/** @typedef {import("./badges-view.js").BadgesView} View */

/** @param {{name: string, view: View}} props */
export function Room({ name, view }) {
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  useEffect(() => heading.current?.focus(), []);
  const inside = name.startsWith("collection-");
  const title = titles()[inside ? "collection" : name];
  return (
    <article class="badge-detail">
      <p>
        <a href={inside ? "#collections" : "#all"}>{inside ? gettext("All collections") : gettext("All my badges")}</a>
      </p>
      <h2 ref={heading} tabIndex={-1}>
        {title}
      </h2>
      <OfTurn>
        <Inside name={name} view={view} />
      </OfTurn>
    </article>
  );
}

/** @returns {Record<string, string>} */
const titles = () => ({
  arrange: gettext("Order, pin, put away"),
  collection: gettext("Collection"),
  collections: gettext("Collections"),
  imports: gettext("Bring in a badge from elsewhere"),
  links: gettext("Links I have given"),
  portfolio: gettext("My portfolio and CV"),
});

/** @param {{name: string, view: View}} props */
function Inside({ name, view }) {
  if (name === "arrange") return <Arrange view={view} />;
  if (name === "collections") return <Collections view={view} />;
  if (name === "imports") return <Imports view={view} />;
  if (name === "portfolio") return <PortfolioForm view={view} />;
  if (name === "links") return <Links view={view} />;
  return <Collection id={name.slice("collection-".length)} view={view} />;
}

/** @param {{view: View}} props */
function Links({ view }) {
  if (!view.links.length) return <p class="muted">{gettext("None yet. Open a badge or a collection and make a link there.")}</p>;
  return (
    <>
      <p class="muted">{gettext("We count how often each is opened, and keep nothing about who did.")}</p>
      <LinkList links={view.links} name={(link) => subjectOf(view, link)} />
    </>
  );
}

/**
 * @param {View} view
 * @param {import("./badges-view.js").Link} link
 */
function subjectOf({ badges, collections }, { kind, subject }) {
  if (kind === "portfolio") return gettext("My portfolio");
  if (kind === "cv") return gettext("My CV");
  const badge = badges.find(({ id }) => id === subject);
  return badge ? inLanguage(badge.name) : (collections.find(({ id }) => id === subject)?.name ?? gettext("Removed"));
}
