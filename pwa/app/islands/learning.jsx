/** My learning: what needs the learner, how far each playlist is, and each thing done, with where it is now. */
import { render } from "preact";
import { gettext, language } from "../i18n.js";
import { Journal } from "./journal.jsx";
import { lookAtLearning } from "./learning-view.js";
import { LearningPlaylists } from "./learning-playlists.jsx";
import { Rescue } from "./rescue.jsx";
import { SendState } from "./send-state.jsx";
import { StorageWay } from "./storage-way.jsx";
import { useLive } from "./use-live.js";

/** @param {HTMLElement} element */
export function start(element) {
  element.replaceChildren();
  render(<Learning />, element);
}

function Learning() {
  const view = useLive(lookAtLearning, ["outbox", "feed", "bundles", "settings"]);
  if (view === undefined) return null;
  const empty = view === null || (!view.items.length && !view.lost.length && !view.playlists.length);
  return (
    <div class="learning">
      {empty ? (
        <Empty />
      ) : (
        <>
          <SendState items={view.items} />
          <LearningPlaylists playlists={view.playlists} />
          <Journal items={view.items} lost={view.lost} names={view.names} />
        </>
      )}
      <p>
        <a href={`/${language()}/people`}>{gettext("Use another phone too, or share this one")}</a>
      </p>
      <StorageWay />
      <Rescue />
    </div>
  );
}

function Empty() {
  return (
    <div class="empty">
      <EmptyPicture />
      <p class="lead">{gettext("Nothing here yet. Scan a code at a stop, or save a playlist: what you do is kept on this phone.")}</p>
      <p class="empty-ways">
        <a class="button" href={`/${language()}/#playlists`}>
          {gettext("Find a playlist")}
        </a>
        <a class="button button-quiet" href={`/${language()}/scan`}>
          {gettext("Scan a code")}
        </a>
      </p>
    </div>
  );
}

/** A way through three stops, the last with a star. */
function EmptyPicture() {
  return (
    <svg class="empty-picture" viewBox="0 0 240 120" aria-hidden="true" focusable="false">
      <path class="empty-way" d="M24 92c40 0 36-52 84-52s44 40 108 16" />
      <circle class="empty-stop" cx="24" cy="92" r="13" />
      <circle class="empty-stop" cx="108" cy="40" r="13" />
      <circle class="empty-goal" cx="214" cy="55" r="20" />
      <path class="empty-star" d="M214 43l3.6 7.6 8.4 1-6.200 5.700 1.600 8.300-7.400-4.100-7.400 4.100 1.600-8.300-6.200-5.700 8.400-1z" />
    </svg>
  );
}
