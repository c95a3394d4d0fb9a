/** My badges: all of them in a grid, and each at #its-id, with no network too. */
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { keepPictures } from "../actions/badge-files.js";
import { gettext, inLanguage, language } from "../i18n.js";
import { awards } from "../store/feed.js";
import { BadgeDetail } from "./badge-detail.jsx";
import { dateWords } from "./date-words.js";
import { useLive } from "./use-live.js";

/** @param {HTMLElement} element */
export function start(element) {
  element.replaceChildren();
  render(<Badges />, element);
}

function Badges() {
  const mine = useLive(awards, ["feed", "settings"]);
  const hash = useHash();
  const count = mine?.length ?? 0;
  useEffect(() => {
    if (mine) void keepPictures(mine);
  }, [count]);
  if (mine === undefined) return null;
  if (!mine?.length) return <Empty />;
  const shown = mine.find((award) => award.id === hash);
  if (shown) return <BadgeDetail key={shown.id} award={shown} />;
  return (
    <ul class="badge-grid">
      {mine.map((award) => (
        <li key={award.id}>
          <a class="card badge-tile" href={`#${award.id}`} data-withdrawn={Boolean(award.revoked_at)}>
            <img src={award.image} alt="" width="120" height="120" />
            <span class="card-title">{inLanguage(award.name)}</span>
            <span class="muted">{inLanguage(award.issuer.name)}</span>
            <span class="muted">{award.revoked_at ? gettext("Withdrawn") : dateWords(award.awarded_at)}</span>
          </a>
        </li>
      ))}
    </ul>
  );
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

function Empty() {
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
