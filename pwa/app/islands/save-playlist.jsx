/** Saving a playlist on the phone: its size first, how far it is, stop and go on, ready, remove. */
import { useEffect, useState } from "preact/hooks";
import { keepApp, remove, save, sizeToSave, stop, updateSaved } from "../actions/saved-playlists.js";
import { gettext, language } from "../i18n.js";
import { savedPlaylist } from "../store/bundles.js";
import { online } from "../sync/status.js";
import { Sign } from "./icons.jsx";
import { SaveProblem } from "./save-problem.jsx";
import { sizeWords } from "./size-words.js";
import { useLive } from "./use-live.js";

/** When this page was opened: what was updated since is news. */
const OPENED_AT = Date.now();

/** @param {{id: string}} props */
export function SavePlaylist({ id }) {
  const row = useLive(async () => (await savedPlaylist(id)) ?? "unsaved", ["bundles"], [id]);
  const [removed, setRemoved] = useState(false);
  const here = row && row !== "unsaved" && row.state !== "absent" ? row : null;
  const opens = here?.state !== "ready" || here.opens !== false;
  const problem = here?.state === "saving" ? here.problem : null;

  useEffect(() => {
    if (here) void updateSaved();
  }, [here === null]);
  useEffect(() => {
    if (online.value && problem === "offline") void save(id, here?.next?.lang);
  }, [online.value, problem]);

  useEffect(() => {
    if (!opens) void keepApp(id);
  }, [opens]);

  if (row === undefined) return <div class="save" />;
  if (row === null) return null; // a browser that keeps nothing cannot save
  return (
    <section class="save" aria-label={gettext("For where there is no signal")}>
      {!here && (
        <Offer
          id={id}
          onSave={() => {
            setRemoved(false);
            void save(id);
          }}
        />
      )}
      {here?.state === "saving" && !problem && <Saving row={here} />}
      {here?.state === "saving" && problem && <SaveProblem row={here} problem={problem} />}
      {here?.state === "ready" && (
        <Ready
          row={here}
          onRemove={() => {
            setRemoved(true);
            void remove(id);
          }}
        />
      )}
      <p class="save-said" role="status">
        {saidWords(here, removed)}
      </p>
    </section>
  );
}

/** @param {{id: string, onSave: () => void}} props */
function Offer({ id, onSave }) {
  const [size, setSize] = useState(/** @type {number | null} */ (null));
  useEffect(() => {
    sizeToSave(id).then(setSize, () => undefined); // no network: the button says it all the same
  }, [id]);
  return (
    <>
      <button type="button" class="button save-button" onClick={onSave}>
        <Sign name="down" />
        {size === null ? gettext("Save for offline") : gettext("Save for offline · %(size)s", { size: sizeWords(size) })}
      </button>
      <p class="save-note">{gettext("All stops with pictures and sound, on this phone. Then it works with no signal.")}</p>
    </>
  );
}

/** @param {{row: SavedPlaylist}} props */
function Saving({ row }) {
  const values = { done: sizeWords(row.done), total: sizeWords(row.total) };
  return (
    <>
      <div class="save-line">
        <span id="save-words">{row.total ? gettext("Saving: %(done)s of %(total)s", values) : gettext("Saving…")}</span>
        <button type="button" class="button button-quiet button-small" onClick={() => void stop(row.id)}>
          {gettext("Stop")}
        </button>
      </div>
      <progress class="progress" aria-labelledby="save-words" value={row.total ? row.done / row.total : undefined} />
    </>
  );
}

/** @param {{row: SavedPlaylist, onRemove: () => void}} props */
function Ready({ row, onRemove }) {
  const isOther = row.bundle && row.bundle.lang !== language();
  return (
    <>
      <div class="save-line">
        <p class="save-ready">
          <Sign name="check" />
          <span>
            {row.opens === false ? gettext("All files are here") : gettext("Ready with no network")}
            <span class="save-note">{sizeWords(row.total)}</span>
          </span>
        </p>
        <button type="button" class="button button-quiet button-small" onClick={onRemove}>
          {gettext("Remove")}
        </button>
      </div>
      {row.opens === false && <NotKept id={row.id} />}
      {isOther && (
        <div class="save-line">
          <p class="save-note">{gettext("It is saved in %(language)s.", { language: languageName(row.bundle?.lang ?? "") })}</p>
          <button type="button" class="button button-quiet button-small" onClick={() => void save(row.id)}>
            {gettext("Save it in %(language)s", { language: languageName(language()) })}
          </button>
        </div>
      )}
    </>
  );
}

/** The files alone open nothing: the worker has to keep the app, and has not said so. @param {{id: string}} props */
function NotKept({ id }) {
  const able = Boolean(globalThis.navigator?.serviceWorker);
  return (
    <div class="save-line">
      <p class="save-note">
        {able
          ? gettext("The app itself is not kept on this phone yet, so it may not open with no network. Stay online a moment.")
          : gettext("This browser cannot open the app with no network. It may be a private window.")}
      </p>
      {able && (
        <button type="button" class="button button-quiet button-small" onClick={() => void keepApp(id)}>
          {gettext("Try again")}
        </button>
      )}
    </div>
  );
}

/**
 * @param {SavedPlaylist | null} row
 * @param {boolean} removed
 */
function saidWords(row, removed) {
  if (!row && removed) return gettext("Removed from this phone. What you did is still here.");
  if (row?.state !== "ready" || row.opens === false) return "";
  if ((row.updated_at ?? 0) > OPENED_AT) return gettext("Updated: the organiser had changed something.");
  return (row.saved_at ?? 0) > OPENED_AT ? gettext("Saved. You can go offline now.") : "";
}

/** @param {string} code */
function languageName(code) {
  return new Intl.DisplayNames([language()], { type: "language" }).of(code) ?? code;
}
