/** Whose pass it is, and the way to the next one on a phone of several. */
import { gettext } from "../i18n.js";
import { PersonPicture } from "./people-pictures.jsx";

/**
 * @param {{ all: import("../store/people.js").Someone[], place: number, onTurn: (by: 1 | -1) => void }} props
 */
export function PassTurner({ all, place, onTurn }) {
  const { name, picture } = all[place];
  const several = all.length > 1;
  const shown = name || (several ? gettext("No name yet") : "");
  if (!shown) return null;
  return (
    <div class="pass-turner">
      {several && <Turn way="back" label={gettext("Pass before this one")} onClick={() => onTurn(-1)} />}
      <div class="pass-who">
        <PersonPicture name={picture} />
        {/* Heard when it changes. */}
        <p role="status">
          <bdi class="pass-name">{shown}</bdi>
          {several && (
            <span class="muted">
              <span class="hidden">, </span>
              {gettext("%(place)s of %(total)s", { place: place + 1, total: all.length })}
            </span>
          )}
        </p>
      </div>
      {several && <Turn way="on" label={gettext("Next pass")} onClick={() => onTurn(1)} />}
    </div>
  );
}

/** @param {{ way: "back" | "on", label: string, onClick: () => void }} props */
function Turn({ way, label, onClick }) {
  return (
    <button type="button" class={`pass-turn pass-turn-${way}`} aria-label={label} onClick={onClick}>
      <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        <path d="M9 5l7 7-7 7" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round" />
      </svg>
    </button>
  );
}
