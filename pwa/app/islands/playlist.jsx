/** A playlist's own part of its page: how far the learner is, saving it for offline, and its stops with their marks. */
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { rememberPlaylist } from "../actions/known.js";
import { awards, feed } from "../store/feed.js";
import { outbox } from "../store/outbox.js";
import { playlistProgress } from "../store/progress.js";
import { PlaylistStanding } from "./playlist-standing.jsx";
import { RouteStop } from "./route-stop.jsx";
import { SavePlaylist } from "./save-playlist.jsx";
import { useLive } from "./use-live.js";

/** @typedef {ActivityRef & {place?: string, signal?: boolean, tasks?: Task[]}} RouteActivity */

/**
 * @typedef {object} PlaylistProps
 * @property {{id: string, slug: string, title: string, url: string, picture?: string | null}} playlist
 * @property {RouteActivity[]} activities
 * @property {Rules} rules
 */

/**
 * @param {HTMLElement} element
 * @param {PlaylistProps} props
 */
export function start(element, props) {
  element.replaceChildren();
  render(<Playlist {...props} />, element);
}

/** @param {PlaylistProps} props */
function Playlist({ playlist, activities, rules }) {
  const seen = useLive(() => look({ playlist, activities, rules }), ["outbox", "feed", "settings"], [playlist.id]);
  const progress = seen?.progress;
  const begun = progress !== undefined && progress.state !== "open";
  useEffect(() => {
    if (begun) void rememberPlaylist({ playlist, activities, rules });
  }, [begun]);

  return (
    <>
      {begun && <PlaylistStanding rules={rules} progress={progress} award={seen?.award} />}
      <SavePlaylist id={playlist.id} />
      <ol class="route">
        {activities.map((activity, index) => (
          <RouteStop
            key={activity.id}
            activity={activity}
            position={index + 1}
            progress={progress?.activities[activity.id]}
            isNext={progress?.next === activity.id}
          />
        ))}
      </ol>
    </>
  );
}

/** @param {PlaylistProps} props */
async function look({ playlist, activities, rules }) {
  const [rows, items, badges] = await Promise.all([feed(), outbox(), awards()]);
  return {
    progress: playlistProgress({ id: playlist.id, rules, activities }, rows, items),
    award: badges.find((badge) => badge.playlist === playlist.id && !badge.revoked_at),
  };
}
