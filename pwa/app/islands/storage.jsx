/** What is kept on this phone, what would be at stake without it, and the choice of what may go. */
import { useEffect, useRef, useState } from "preact/hooks";
import { sweep } from "../actions/playlist-files.js";
import { askToLast, enoughFor, freedAmong, keptPlaylists, shortBy, space } from "../actions/room.js";
import { bringBack, putAway } from "../actions/saved-playlists.js";
import { gettext, ngettext } from "../i18n.js";
import { sizeWords } from "./size-words.js";
import { StoredPlaylist } from "./stored-playlist.jsx";
import { useLive } from "./use-live.js";

/** How long what was removed can be brought back with no network. */
const UNDO_MS = 20_000;

/**
 * @param {{need?: number, but?: string, onRoom?: () => void}} props
 *   need: bytes that something waits for · but: its playlist · onRoom: called when there is room for it
 */
export function Kept({ need = 0, but, onRoom }) {
  const view = useLive(async () => look(need, but), ["bundles", "outbox", "feed"], [need, but]);
  const [touched, setTouched] = useState(/** @type {Set<string> | null} */ (null));
  const [gone, setGone] = useState(/** @type {SavedPlaylist[]} */ ([]));
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  if (!view) return null;
  const chosen = touched ?? view.offered;
  const freed = freedAmong(view.all, chosen);
  const lacking = Math.max(0, view.short - freed);

  const remove = async () => {
    const rows = [];
    for (const { row } of view.playlists) if (chosen.has(row.id)) rows.push(await putAway(row.id));
    setTouched(null);
    if (onRoom) {
      await sweep();
      return onRoom();
    }
    setGone(rows.flatMap((row) => row ?? []));
    timer.current = window.setTimeout(() => {
      setGone([]);
      void sweep();
    }, UNDO_MS);
  };
  const undo = async () => {
    clearTimeout(timer.current);
    setGone([]);
    for (const row of gone) await bringBack(row);
  };

  return (
    <div class="storage">
      {!onRoom && <Space space={view.space} />}
      {view.playlists.length === 0 && !gone.length && <p class="muted">{gettext("No playlist is saved here.")}</p>}
      <ul class="storage-list">
        {view.playlists.map((playlist) => (
          <StoredPlaylist
            key={playlist.row.id}
            playlist={playlist}
            chosen={chosen.has(playlist.row.id)}
            onChoose={(on) => setTouched(toggled(chosen, playlist.row.id, on))}
          />
        ))}
      </ul>
      {view.playlists.length > 0 && (
        <p class="storage-ways">
          <button type="button" class="button" disabled={!chosen.size || lacking > 0} onClick={() => void remove()}>
            {chosen.size ? gettext("Remove · frees %(size)s", { size: sizeWords(freed) }) : gettext("Remove")}
          </button>
          {onRoom && lacking > 0 && <span class="muted">{gettext("Still %(size)s to go", { size: sizeWords(lacking) })}</span>}
        </p>
      )}
      <p class="storage-said" role="status">
        {gone.length > 0 && (
          <>
            {ngettext("%(num)s playlist removed. What you did is still here.", "%(num)s playlists removed. What you did is still here.", gone.length)}{" "}
            <button type="button" class="button button-small button-quiet" onClick={() => void undo()}>
              {gettext("Undo")}
            </button>
          </>
        )}
      </p>
    </div>
  );
}

/**
 * @param {number} need
 * @param {string | undefined} but
 */
async function look(need, but) {
  const all = await keptPlaylists();
  const short = need && ((await shortBy(need)) || need); // the browser may have found no room where it tells of some
  const offered = enoughFor(all, short, but);
  return { all, playlists: all.filter(({ row }) => row.id !== but), short, offered, space: await space() };
}

/**
 * @param {Set<string>} chosen
 * @param {string} id
 * @param {boolean} on
 */
function toggled(chosen, id, on) {
  const next = new Set(chosen);
  if (on) next.add(id);
  else next.delete(id);
  return next;
}

/** @param {{space: Awaited<ReturnType<typeof space>>}} props */
function Space({ space: { used, free, lasting } }) {
  const [answer, setAnswer] = useState(lasting);
  return (
    <div class="storage-space">
      {used !== null && free !== null && (
        <p>{gettext("%(used)s used, %(free)s free for this app.", { used: sizeWords(used), free: sizeWords(free) })}</p>
      )}
      {answer === true && <p class="muted">{gettext("The browser has promised to keep it.")}</p>}
      {answer === false && (
        <p class="muted">
          {gettext("When the phone gets full, the browser may clear what is here.")}{" "}
          <button type="button" class="button button-small button-quiet" onClick={() => void askToLast().then(setAnswer)}>
            {gettext("Ask the browser to keep it")}
          </button>
        </p>
      )}
    </div>
  );
}
