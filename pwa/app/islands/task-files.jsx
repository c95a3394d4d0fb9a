/** Photos or sounds for a task: the ways to take, record or choose them. All else comes with the first tap, see files.js. */
import { useEffect, useState } from "preact/hooks";
import { canRecord } from "../actions/can-record.js";
import { gettext, ngettext } from "../i18n.js";
import { FileWay } from "./file-way.jsx";

/** @typedef {import("../actions/files.js").TakenFile} TakenFile */
/** @typedef {typeof import("./files.js")} Parts */

/**
 * @param {import("./task-choice.jsx").FieldProps & {
 *   value: TakenFile[],
 *   onChange: (value: TakenFile[]) => void,
 * }} props
 */
export function TaskFiles({ task, labelledBy, describedBy, value, onChange }) {
  const kind = task.kind === "audio" ? "audio" : "photo";
  const [parts, setParts] = useState(/** @type {Parts | null} */ (null));
  const [busy, setBusy] = useState(0);
  const [refused, setRefused] = useState(/** @type {import("../actions/files.js").RefusedFile[]} */ ([]));
  const [failed, setFailed] = useState(false);

  const bring = async () => {
    const brought = await import("./files.js");
    setParts(brought);
    return brought;
  };
  const has = value.length > 0;
  useEffect(() => {
    // Without a worker nothing else would bring it before the network goes.
    if (has || !navigator.serviceWorker) bring().catch(console.warn);
  }, [has]);

  /** @param {(parts: Parts) => unknown} [work] @returns {Promise<boolean>} false when it could not be done, which is said */
  const withParts = async (work) => {
    setFailed(false);
    try {
      const brought = await bring();
      await work?.(brought);
      return true;
    } catch (error) {
      console.warn(error);
      setFailed(true);
      return false;
    }
  };
  /** @param {File[]} files */
  const take = async (files) => {
    setRefused([]);
    setBusy(files.length);
    await withParts(async ({ takeFiles }) => {
      const found = await takeFiles(kind, files, value);
      setRefused(found.refused);
      if (found.taken.length > value.length) onChange(found.taken);
    });
    setBusy(0);
  };
  const full = has && parts && value.length >= parts.MOST_FILES;
  return (
    <fieldset class="task-files" aria-labelledby={labelledBy} aria-describedby={describedBy}>
      {has && parts && <parts.TakenFiles kind={kind} value={value} onChange={onChange} />}
      <div role="status" class="task-standing">
        {busy > 0 && kind === "photo" && (
          <p class="task-note">{ngettext("Making %(num)s photo small…", "Making %(num)s photos small…", busy)}</p>
        )}
        {full && <p class="task-note">{gettext("These are as many files as can be handed in together.")}</p>}
      </div>
      <div role="alert" class="task-standing">
        {failed && <p class="task-word tone-warn">{gettext("Not saved. Please try again.")}</p>}
        {parts && refused.length > 0 && <parts.RefusedFiles kind={kind} refused={refused} />}
      </div>
      {!full && (
        <div class="task-photo-ways" onClick={() => void bring().catch(console.warn)}>
          {kind === "photo" ? (
            <PhotoWays any={has} onFiles={take} />
          ) : (
            <SoundWays any={has} parts={parts} bring={withParts} onFiles={take} />
          )}
        </div>
      )}
    </fieldset>
  );
}

/**
 * They stay as they are when the rest comes: a camera may be open, and comes back to them.
 * @param {{ any: boolean, onFiles: (files: File[]) => void }} props
 */
function PhotoWays({ any, onFiles }) {
  return (
    <>
      <FileWay capture onFile={(file) => onFiles([file])} label={any ? gettext("Take another") : gettext("Take a photo")} />
      <FileWay multiple onFiles={onFiles} label={gettext("Choose pictures")} />
    </>
  );
}

/** @param {{ any: boolean, parts: Parts | null, bring: () => Promise<boolean>, onFiles: (files: File[]) => void }} props */
function SoundWays({ any, parts, bring, onFiles }) {
  const [pressed, setPressed] = useState(false);
  const press = async () => {
    setPressed(true);
    if (!(await bring())) setPressed(false);
  };
  return (
    <>
      {parts && canRecord() && (
        <parts.Recorder again={any} begins={pressed} onSound={(sound) => onFiles([sound])} />
      )}
      {!parts && canRecord() && (
        <button type="button" class="button button-quiet" aria-busy={pressed} onClick={press}>
          {gettext("Record a sound")}
        </button>
      )}
      <FileWay multiple accept="audio/*" onFiles={onFiles} label={gettext("Choose sounds")} />
    </>
  );
}
