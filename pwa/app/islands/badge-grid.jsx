/** The grid of badges, by collection or search when there are many, and the ways to do more with them. */
import { useState } from "preact/hooks";
import { gettext, inLanguage, language, ngettext } from "../i18n.js";
import { dateWords } from "./date-words.js";
import { ForeignPicture } from "./foreign-picture.jsx";
import { OnTheWay } from "./on-the-way.jsx";

/** More badges than this are searched. */
const MANY = 12;

/** @typedef {import("./badges-view.js").Badge | import("./badges-view.js").Imported} Any */

/** @param {{view: import("./badges-view.js").BadgesView}} props */
export function BadgeGrid({ view }) {
  const [group, setGroup] = useState("");
  const [words, setWords] = useState("");
  const away = view.badges.filter(({ hidden }) => hidden).length;
  const shown = inGroup(view, group).filter((badge) => has(badge, words));
  return (
    <div class="my-badges">
      {(view.collections.length > 0 || away > 0) && (
        <p class="field">
          <label for="badge-group">{gettext("Show")}</label>
          <select id="badge-group" value={group} onChange={(event) => setGroup(event.currentTarget.value)}>
            <option value="">{gettext("All my badges")}</option>
            {view.collections.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
            {away > 0 && <option value="away">{ngettext("Put away (%(num)s)", "Put away (%(num)s)", away)}</option>}
          </select>
        </p>
      )}
      {view.badges.length > MANY && (
        <p class="field">
          <label for="badge-search">{gettext("Search my badges")}</label>
          <input id="badge-search" type="search" value={words} onInput={(event) => setWords(event.currentTarget.value)} />
        </p>
      )}
      {shown.length ? (
        <ul class="badge-grid">
          {shown.map((badge) => (
            <li key={badge.id}>
              <Tile badge={badge} />
            </li>
          ))}
        </ul>
      ) : (
        <p class="muted" role="status">
          {gettext("No badge here.")}
        </p>
      )}
      <OnTheWay milestones={view.milestones} />
      <Ways view={view} />
    </div>
  );
}

/**
 * @param {import("./badges-view.js").BadgesView} view
 * @param {string} group
 * @returns {Any[]}
 */
function inGroup({ badges, collections }, group) {
  if (group === "away") return badges.filter(({ hidden }) => hidden);
  const found = collections.find(({ id }) => id === group);
  if (!found) return badges.filter(({ hidden }) => !hidden);
  return found.awards.flatMap((id) => badges.find((badge) => badge.id === id) ?? []);
}

/** @param {Any} badge @param {string} words */
function has(badge, words) {
  const from = badge.imported ? badge.issuer : inLanguage(badge.issuer.name);
  return `${inLanguage(badge.name)} ${from}`.toLowerCase().includes(words.trim().toLowerCase());
}

/** @param {{badge: Any}} props */
function Tile({ badge }) {
  if (badge.imported)
    return (
      <a class="card badge-tile" href={`#${badge.id}`} data-imported={badge.id}>
        <ForeignPicture badge={badge} size={120} />
        <span class="card-title">
          <bdi>{inLanguage(badge.name) || gettext("A badge without a name")}</bdi>
        </span>
        <span class="muted">
          <bdi>{badge.issuer}</bdi>
        </span>
        <span class="chip">{gettext("Not issued here")}</span>
        {badge.state === "failed" && <span class="muted">{gettext("Its check failed")}</span>}
      </a>
    );
  return (
    <a class="card badge-tile" href={`#${badge.id}`} data-withdrawn={Boolean(badge.revoked_at)} data-ended={badge.ended}>
      <img src={badge.image} alt="" width="120" height="120" />
      <span class="card-title">{inLanguage(badge.name)}</span>
      <span class="muted">{inLanguage(badge.issuer.name)}</span>
      <span class="muted">{standing(badge)}</span>
      {badge.choice.visibility === "private" && <span class="muted">{gettext("Only you see it")}</span>}
    </a>
  );
}

/** @param {import("./badges-view.js").Badge} badge */
function standing({ revoked_at, ended, valid_until, awarded_at }) {
  if (revoked_at) return gettext("Withdrawn");
  return ended ? gettext("Ended on %(date)s", { date: dateWords(valid_until ?? "") }) : dateWords(awarded_at);
}

/** @param {{view: import("./badges-view.js").BadgesView}} props */
function Ways({ view }) {
  return (
    <nav class="badge-rooms" aria-label={gettext("More with my badges")}>
      <ul>
        <li>
          <a href={`/${language()}/account`}>{gettext("Keep what you earned: ways back in")}</a>
        </li>
        {view.badges.length > 1 && (
          <li>
            <a href="#arrange">{gettext("Order, pin, put away")}</a>
          </li>
        )}
        <li>
          <a href="#collections">{gettext("Collections")}</a>
        </li>
        <li>
          <a href="#imports">{gettext("Bring in a badge from elsewhere")}</a>
        </li>
        <li>
          <a href="#links">{gettext("Links I have given")}</a>
        </li>
        <li>
          <a href="#portfolio">{gettext("My portfolio and CV")}</a>
        </li>
        <li>
          <a href={`/${language()}/wallets`}>{gettext("Wallets that may read your badges")}</a>
        </li>
      </ul>
    </nav>
  );
}
