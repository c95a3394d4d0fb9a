/** Where to go on when a stop is done: the next one that is not, or back to the playlist. */
import { useMemo } from "preact/hooks";
import "@preact/signals";
import { gettext } from "../i18n.js";
import { savedPlaylist } from "../store/bundles.js";
import { feed } from "../store/feed.js";
import { live } from "../store/live.js";
import { outbox } from "../store/outbox.js";
import { playlistProgress } from "../store/progress.js";
import { Notice } from "./notice.jsx";

/** @typedef {{ id: string, title: string, url: string, activities?: ActivityRef[] }} PlaylistRef */
/** @typedef {{ title: string, url: string } | null} NextStop */

/**
 * Shown when all of a stop is done, in place of the page's own ways to the next stop and to the playlist.
 * @param {{ activity: ActivityRef & { playlists?: PlaylistRef[] } }} props
 */
export function StopWays({ activity }) {
  const playlists = activity.playlists ?? [];
  const next = useMemo(
    () =>
      live(
        () => nextStop(playlists, activity.id).catch(() => null),
        ["outbox", "feed", "bundles", "settings"],
        null,
      ),
    [activity.id],
  );
  const ways = (
    <>
      {next.value && (
        <a class="button" href={next.value.url}>
          {gettext("Next stop: %(stop)s", { stop: next.value.title })}
        </a>
      )}
      {playlists.map((playlist) => (
        <a key={playlist.id} class={next.value ? "button button-quiet" : "button"} href={playlist.url}>
          {gettext("Back to %(playlist)s", { playlist: playlist.title })}
        </a>
      ))}
    </>
  );
  return (
    <div class="stop-ways" role="status">
      <Notice tone="ok" sign="check" title={gettext("All done here")} ways={ways} />
    </div>
  );
}

/**
 * The first stop after this one, in the playlist's order, that is not done; those before it come last.
 * @param {PlaylistRef[]} playlists
 * @param {string} activity
 * @returns {Promise<NextStop>}
 */
async function nextStop(playlists, activity) {
  const [rows, items] = await Promise.all([feed(), outbox()]);
  for (const playlist of playlists) {
    const bundle = (await savedPlaylist(playlist.id))?.bundle;
    const order = bundle?.activities ?? playlist.activities ?? [];
    const rules = bundle?.rules ?? { order: "any", required: order.map(({ id }) => id), choose: 0, from: [] };
    const { activities } = playlistProgress({ id: playlist.id, rules, activities: order }, rows, items);
    const here = order.findIndex(({ id }) => id === activity);
    const round = [...order.slice(here + 1), ...order.slice(0, Math.max(here, 0))];
    const next = round.find(({ id }) => activities[id].state === "open" || activities[id].state === "begun");
    if (next) return next;
  }
  return null;
}
