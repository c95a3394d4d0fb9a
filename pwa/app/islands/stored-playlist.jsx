/** One playlist that is kept on this phone: its size, when it was last used, and what would be at stake without it. */
import { gettext, ngettext } from "../i18n.js";
import { dateWords } from "./date-words.js";
import { sizeWords } from "./size-words.js";

/** @param {{playlist: import("../actions/room.js").KeptPlaylist, chosen: boolean, onChoose: (on: boolean) => void}} props */
export function StoredPlaylist({ playlist, chosen, onChoose }) {
  const { row, size, usedAt } = playlist;
  const bundle = /** @type {Bundle} */ (row.bundle ?? row.next);
  return (
    <li class="storage-playlist">
      <label>
        <input type="checkbox" checked={chosen} onChange={(event) => onChoose(event.currentTarget.checked)} />
        <span>
          <span class="card-title">{bundle.playlist.title}</span>
          {usedAt > 0 && <span class="muted">{gettext("Last used: %(date)s", { date: dateWords(new Date(usedAt).toISOString()) })}</span>}
          {stakeWords(playlist).map((words) => (
            <span key={words}>{words}</span>
          ))}
          <span class="muted">{gettext("%(size)s. Saving it again takes as much, and a network.", { size: sizeWords(size) })}</span>
        </span>
      </label>
    </li>
  );
}

/**
 * @param {import("../actions/room.js").KeptPlaylist} playlist
 * @returns {string[]}
 */
function stakeWords({ unsent, begun }) {
  const words = begun.map(progressWords);
  if (unsent) words.push(ngettext("%(num)s thing not sent yet (it stays)", "%(num)s things not sent yet (they stay)", unsent));
  return [...new Set(words)];
}

/** @param {PlaylistProgress} progress */
function progressWords({ state, done, waiting, total }) {
  if (state === "done") return gettext("All done");
  if (done + waiting === 0) return gettext("Begun");
  return gettext("In the middle: %(done)s of %(total)s stops", { done: done + waiting, total });
}
