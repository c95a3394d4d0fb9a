/** The playlists that the learner saved or began, and how far each is. */
import { gettext } from "../i18n.js";
import { Sign } from "./icons.jsx";
import { ruleWordsShort, StandingBar } from "./playlist-standing.jsx";

/** @param {{playlists: import("./learning-view.js").LearningPlaylist[]}} props */
export function LearningPlaylists({ playlists }) {
  if (!playlists.length) return null;
  return (
    <section aria-labelledby="learning-playlists">
      <h2 id="learning-playlists">{gettext("Playlists")}</h2>
      <ul class="learning-playlists">
        {playlists.map((playlist) => (
          <li key={playlist.id}>
            <PlaylistCard playlist={playlist} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** @param {{playlist: import("./learning-view.js").LearningPlaylist}} props */
function PlaylistCard({ playlist: { title, url, picture, saved, progress, award } }) {
  const image = award?.image ?? picture;
  return (
    <a class="card learning-playlist" href={url}>
      {image && <img class={award ? "is-badge" : undefined} src={image} alt="" width="72" height="72" loading="lazy" />}
      <span class="learning-words">
        <span class="card-title">{title}</span>
        {progress && <span class="muted">{ruleWordsShort(progress)}</span>}
        {progress && <StandingBar progress={progress} />}
        {saved && (
          <span class="learning-saved">
            <Sign name="check" />
            {gettext("Ready with no network")}
          </span>
        )}
      </span>
    </a>
  );
}
