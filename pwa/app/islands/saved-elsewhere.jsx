/** Playlists that the learner saved on another phone of theirs: offered here, saved with one tap. */
import { save } from "../actions/saved-playlists.js";
import { gettext, inLanguage, language } from "../i18n.js";
import { savedPlaylists } from "../store/bundles.js";
import { feed } from "../store/feed.js";
import { useLive } from "./use-live.js";

export function SavedElsewhere() {
  const found = useLive(look, ["feed", "bundles", "settings"]);
  if (!found?.length) return null;
  return (
    <section class="card stack" aria-labelledby="saved-elsewhere">
      <h2 id="saved-elsewhere">{gettext("Playlists saved on your other phone")}</h2>
      <p>{gettext("Save them here too, and they work on this phone with no signal.")}</p>
      <ul class="way-list">
        {found.map(({ row, state }) => (
          <li key={row.playlist}>
            <a class="way-name" href={`/${language()}/playlists/${row.slug}`}>
              {inLanguage(row.title)}
            </a>
            <p class="way-ways" role="status">
              {state === "absent" ? (
                <button type="button" class="button button-quiet button-small" onClick={() => void save(row.playlist)}>
                  {gettext("Save here too")}
                  <span class="hidden">: {inLanguage(row.title)}</span>
                </button>
              ) : state === "ready" ? (
                gettext("Saved here")
              ) : (
                gettext("Saving…")
              )}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** @returns {Promise<{row: SavedRow, state: SavedPlaylist["state"]}[]>} those that are not here since before this page */
async function look() {
  const [rows, here] = await Promise.all([feed(), savedPlaylists()]);
  const states = new Map(here.map(({ id, state }) => [id, state]));
  const all = rows.flatMap(({ key, row }) => (key.startsWith("saved:") ? [/** @type {SavedRow} */ (row)] : []));
  const offered = all.map((row) => ({ row, state: states.get(row.playlist) ?? /** @type {const} */ ("absent") }));
  return offered.filter(({ row, state }) => state === "absent" || asked.has(row.playlist) || (state === "saving" && asked.add(row.playlist)));
}

/** What was saved from here stays in the list, with its state. */
const asked = new Set();
