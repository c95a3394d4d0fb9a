/** My badges: all of them in a grid, and each at #its-id, with no network too. */
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
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

const ROOMS = /^(arrange|collections|links|portfolio|collection-.+)$/;

function Badges() {
  const view = useLive(lookAtBadges, ["feed", "settings", "outbox"]);
  const hash = useHash();
  const count = view?.badges.length ?? 0;
  useEffect(() => {
    if (view) void keepPictures(view.badges.flatMap((badge) => (badge.imported ? [] : badge)));
  }, [count]);
  if (view === undefined) return null;
  if (!view || !count) return <Empty milestones={view?.milestones ?? []} />;
  if (ROOMS.test(hash)) return <Room key={hash} name={hash} view={view} />;
  const shown = view.badges.find((badge) => badge.id === hash);
  if (shown && !shown.imported) return <BadgeDetail key={shown.id} award={shown} view={view} />;
  return <BadgeGrid view={view} />;
}

/** @param {{name: string, view: import("./badges-view.js").BadgesView}} props */
function Room({ name, view }) {
  const showing = useShowing();
  return showing && <showing.Room name={name} view={view} />;
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
      </p>
    </div>
  );
}
