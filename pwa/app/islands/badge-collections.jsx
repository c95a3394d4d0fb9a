/** Collections: made, named, filled, ordered, shared by a link, and removed with a way back. */
import { useState } from "preact/hooks";
import { dropCollection, keepCollection, newCollection } from "../actions/portfolio.js";
import { gettext, inLanguage, ngettext } from "../i18n.js";
import { useSaving } from "./badge-copy.jsx";
import { moved, toggled } from "./badge-order.js";
import { Snackbar } from "./door-snackbar.jsx";
import { LinkList } from "./link-list.jsx";
import { LinkMaker } from "./link-maker.jsx";

/** @typedef {import("./badges-view.js").BadgesView} View */

/** @param {{view: View}} props */
export function Collections({ view }) {
  const [name, setName] = useState("");
  const [removed, setRemoved] = useState(/** @type {CollectionRow | null} */ (null));
  const make = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!name.trim()) return;
    const made = newCollection(name.trim());
    await keepCollection(made);
    location.hash = `collection-${made.id}`;
  };
  const remove = (/** @type {CollectionRow} */ one) => void dropCollection(one.id).then(() => setRemoved(one));
  return (
    <>
      <ul class="collection-list">
        {view.collections.map((one) => (
          <li key={one.id} class="card">
            <a class="card-title" href={`#collection-${one.id}`} dir="auto">
              {one.name}
            </a>
            <span class="muted">{ngettext("%(num)s badge", "%(num)s badges", one.awards.length)}</span>
            <button type="button" class="button button-quiet" onClick={() => remove(one)}>
              {gettext("Remove")} <span class="hidden">{one.name}</span>
            </button>
          </li>
        ))}
      </ul>
      <form class="collection-new" onSubmit={make}>
        <p class="field">
          <label for="collection-name">{gettext("Name of a new collection")}</label>
          <input id="collection-name" maxLength={80} autocomplete="off" dir="auto" value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </p>
        <button type="submit" class="button" disabled={!name.trim()}>
          {gettext("Make it")}
        </button>
      </form>
      {removed && (
        <Snackbar key={removed.id} words={gettext("“%(name)s” is removed. Its badges stay.", { name: removed.name })} onUndo={() => keepCollection(removed)} onGone={() => setRemoved(null)} />
      )}
    </>
  );
}

/** @param {{id: string, view: View}} props */
export function Collection({ id, view }) {
  const found = view.collections.find((one) => one.id === id);
  if (!found) return <p>{gettext("There is no such collection.")}</p>;
  return <Filled key={id} found={found} view={view} />;
}

/** @param {{found: CollectionRow, view: View}} props */
function Filled({ found, view }) {
  const [name, setName] = useState(found.name);
  const { saving, said } = useSaving();
  const keep = (/** @type {Partial<CollectionRow>} */ changed) => saving(() => keepCollection({ ...found, ...changed }));
  const inside = found.awards.flatMap((id) => view.badges.find((badge) => badge.id === id) ?? []);
  const outside = view.badges.filter(({ id }) => !found.awards.includes(id));
  return (
    <>
      <p class="field">
        <label for="collection-name">{gettext("Name")}</label>
        <input id="collection-name" maxLength={80} dir="auto" value={name} onInput={(event) => setName(event.currentTarget.value)} onChange={() => name.trim() && void keep({ name: name.trim() })} />
      </p>
      <ol class="collection-badges">
        {[...inside, ...outside].map((badge) => {
          const place = found.awards.indexOf(badge.id);
          const label = inLanguage(badge.name);
          const to = (/** @type {number} */ next) => void keep({ awards: moved(found.awards, badge.id, next) });
          return (
            <li key={badge.id} class="card" data-inside={place >= 0}>
              <label class="choice-row">
                <input type="checkbox" checked={place >= 0} onChange={() => void keep({ awards: toggled(found.awards, badge.id) })} />
                {badge.image && <img src={badge.image} alt="" width="48" height="48" />}
                <span>{label}</span>
              </label>
              {place >= 0 && inside.length > 1 && (
                <span class="arrange-moves">
                  <button type="button" class="button button-quiet" disabled={place === 0} aria-label={gettext("Move %(name)s up", { name: label })} onClick={() => to(place - 1)}>
                    ↑
                  </button>
                  <button type="button" class="button button-quiet" disabled={place === found.awards.length - 1} aria-label={gettext("Move %(name)s down", { name: label })} onClick={() => to(place + 1)}>
                    ↓
                  </button>
                </span>
              )}
            </li>
          );
        })}
      </ol>
      <p class="muted" role="status">
        {said}
      </p>
      <section class="badge-part" aria-labelledby="collection-links">
        <h3 id="collection-links">{gettext("A link for somebody")}</h3>
        <p class="muted">{gettext("It shows these badges, but none that only you see.")}</p>
        <LinkMaker kind="collection" subject={found.id} />
        <LinkList links={view.links.filter(({ kind, subject }) => kind === "collection" && subject === found.id)} />
      </section>
    </>
  );
}
