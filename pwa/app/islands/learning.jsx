/** My learning: what needs the learner, what waits, how far each playlist is, each thing done, and last what concerns this phone. */
import { render } from "preact";
import { useRef } from "preact/hooks";
import { gettext, language } from "../i18n.js";
import { Between } from "./between.jsx";
import { Coming } from "./coming.jsx";
import { ErasedNotice } from "./erased-notice.jsx";
import { Sign } from "./icons.jsx";
import { Journal } from "./journal.jsx";
import { lookAtLearning } from "./learning-view.js";
import { LearningPlaylists } from "./learning-playlists.jsx";
import { NeedsYou } from "./needs-you.jsx";
import { SendState } from "./send-state.jsx";
import { ThisPhone } from "./this-phone.jsx";
import { useLive } from "./use-live.js";

/** @param {HTMLElement} element */
export function start(element) {
  element.replaceChildren();
  render(<Learning />, element);
}

function Learning() {
  const view = useLive(lookAtLearning, ["outbox", "feed", "bundles", "settings", "people", "device"]);
  const room = useRef(/** @type {HTMLDivElement | null} */ (null));
  if (view === undefined) return null;
  const empty = !view || ![view.items, view.needing, view.flags, view.playlists, view.coming, view.beyond.letIn].some((all) => all.length);
  return (
    <div class="learning" ref={room} tabIndex={-1}>
      <ErasedNotice />
      <PassWay />
      {empty ? (
        view?.between ? <Between /> : <Empty />
      ) : (
        <>
          {/* After a thing was put away, its button is gone: the room takes the focus. */}
          <NeedsYou items={view.needing} flags={view.flags} names={view.names} onPutAway={() => room.current?.focus()} />
          <SendState items={view.items} />
          <Coming reservations={view.coming} />
          <LearningPlaylists playlists={view.playlists} />
          <Journal items={view.items} needing={view.needing} beyond={view.beyond} names={view.names} />
        </>
      )}
      <ThisPhone />
    </div>
  );
}

function PassWay() {
  return (
    <a class="card pass-way" href={`/${language()}/pass`}>
      <Sign name="code" />
      <span>
        <span class="card-title">{gettext("My pass")}</span>
        <span class="muted">{gettext("To show at the door of an activity")}</span>
      </span>
    </a>
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
      <p>
        <a href={`/${language()}/enter`}>{gettext("Did you learn on another phone before? Get back in")}</a>
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
