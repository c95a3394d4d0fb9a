/** My badges: all of them in a grid, and each at #its-id, with no network too. */
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { keepPictures } from "../actions/badge-files.js";
import { gettext, language } from "../i18n.js";
import { BadgeDetail } from "./badge-detail.jsx";
import { BadgeGrid } from "./badge-grid.jsx";
import { lookAtBadges } from "./badges-view.js";
import { OnTheWay } from "./on-the-way.jsx";
import { useLive } from "./use-live.js";
import { useShowing } from "./use-showing.js";

/** @param {HTMLElement} element */
export function start(element) {
  element.replaceChildren();
  render(<Badges />, element);
}

const ROOMS = /^(arrange|collections|imports|links|portfolio|collection-.+)$/;

function Badges() {
  const view = useLive(lookAtBadges, ["feed", "settings", "outbox"]);
  const hash = useHash();
  const [erased, setErased] = useState("");
  const count = view?.badges.length ?? 0;
  useEffect(() => {
    if (view) void keepPictures(view.badges.flatMap((badge) => (badge.imported ? [] : badge)));
  }, [count]);
  useEffect(() => void sendWaiting(), []);
  if (view === undefined) return null;
  const news = erased && !view?.badges.some(({ id }) => id === hash) && <Erased key={erased} name={erased} />;
  if (view && ROOMS.test(hash)) return <Room key={hash} name={hash} view={view} />;
  if (!view || !count)
    return (
      <>
        {news}
        <Empty milestones={view?.milestones ?? []} />
      </>
    );
  const shown = view.badges.find((badge) => badge.id === hash);
  if (shown?.imported) return <Foreign key={shown.id} badge={shown} />;
  if (shown) return <BadgeDetail key={shown.id} award={shown} view={view} onErased={leave} />;
  return (
    <>
      {news}
      <BadgeGrid view={view} />
    </>
  );

  /** The way back does not lead to what is gone. @param {string} name */
  function leave(name) {
    setErased(name);
    location.replace("#all");
  }
}

/** @param {{name: string}} props */
function Erased({ name }) {
  const words = useRef(/** @type {HTMLParagraphElement | null} */ (null));
  useEffect(() => words.current?.focus(), []);
  return (
    <p class="notice" ref={words} tabIndex={-1}>
      {gettext("“%(name)s” is erased on this phone. It is gone everywhere once that is sent.", { name })}
    </p>
  );
}

/** @param {{name: string, view: import("./badges-view.js").BadgesView}} props */
function Room({ name, view }) {
  const showing = useShowing();
  return showing && <showing.Room name={name} view={view} />;
}

/** @param {{badge: import("./badges-view.js").Imported}} props */
function Foreign({ badge }) {
  const showing = useShowing();
  return showing && <showing.ForeignBadge badge={badge} />;
}

/** Badges from elsewhere that were brought in with no network. */
async function sendWaiting() {
  try {
    await (await import("./showing.js")).sendImports();
  } catch (error) {
    console.warn(error);
  }
}

/** The id behind the "#": a badge has its own place in the history, so "back" works as everywhere. */
function useHash() {
  const [hash, setHash] = useState(location.hash.slice(1));
  useEffect(() => {
    const follow = () => setHash(location.hash.slice(1));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return hash;
}

/** @param {{milestones: MilestoneRow[]}} props */
function Empty({ milestones }) {
  return (
    <>
      <Nothing />
      <OnTheWay milestones={milestones} />
    </>
  );
}

function Nothing() {
  return (
    <div class="empty">
      <svg class="empty-picture" viewBox="0 0 240 120" aria-hidden="true" focusable="false">
        <circle class="empty-ring" cx="120" cy="56" r="46" />
        <circle class="empty-goal" cx="120" cy="56" r="34" />
        <path class="empty-star" d="M120 34l6.600 14 15.400 1.900-11.400 10.500 3 15.200-13.600-7.500-13.600 7.500 3-15.200-11.400-10.500 15.400-1.900z" />
      </svg>
      <p class="lead">{gettext("Your first badge goes here. Finish a playlist: the badge arrives by itself, stays on this phone and opens with no network.")}</p>
      <p class="empty-ways">
        <a class="button" href={`/${language()}/#playlists`}>
          {gettext("Find a playlist with a badge")}
        </a>
        <a class="button button-quiet" href="#imports">
          {gettext("Bring in a badge from elsewhere")}
        </a>
      </p>
      <p>
        <a href={`/${language()}/enter`}>{gettext("Did you learn on another phone before? Get back in")}</a>
      </p>
    </div>
  );
}
