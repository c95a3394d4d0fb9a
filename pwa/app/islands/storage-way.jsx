/** The way to what is kept on this phone, and what went by itself to make room. */
import { useState } from "preact/hooks";
import { dismissGone, gonePlaylists } from "../actions/room.js";
import { save } from "../actions/saved-playlists.js";
import { gettext } from "../i18n.js";
import { Notice } from "./notice.jsx";
import { sizeWords } from "./size-words.js";
import { Kept } from "./storage.jsx";
import { useLive } from "./use-live.js";

export function StorageWay() {
  const [open, setOpen] = useState(false);
  const gone = useLive(gonePlaylists, ["settings", "bundles"]) ?? [];
  return (
    <>
      {gone.length > 0 && <Gone playlists={gone} />}
      <details class="storage-way" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{gettext("Storage on this phone")}</summary>
        {open && <Kept />}
      </details>
    </>
  );
}

/** @param {{playlists: import("../actions/room.js").Gone[]}} props */
function Gone({ playlists }) {
  return (
    <Notice
      sign="down"
      title={gettext("Removed from this phone to make room")}
      ways={
        <button type="button" class="button button-quiet" onClick={() => void dismissGone()}>
          {gettext("OK")}
        </button>
      }
    >
      <p>{gettext("You had finished it and not opened it for 60 days. What you did and your badges are still here.")}</p>
      <ul class="storage-gone">
        {playlists.map(({ id, title, lang, size }) => (
          <li key={id}>
            {title}{" "}
            <button type="button" class="button button-small" onClick={() => void save(id, lang)}>
              {gettext("Get it again · %(size)s", { size: sizeWords(size) })}
            </button>
          </li>
        ))}
      </ul>
    </Notice>
  );
}
