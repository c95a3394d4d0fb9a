/** Photos or sounds for a task: taken, recorded or chosen, shown with their size, and named when they cannot be taken. */
import { useState } from "preact/hooks";
import { MOST_FILES, takeFiles } from "../actions/files.js";
import { canRecord } from "../actions/recording.js";
import { gettext, ngettext } from "../i18n.js";
import { FileView } from "./file-view.jsx";
import { FileWay } from "./file-way.jsx";
import { Sign } from "./icons.jsx";
import { Recorder } from "./recorder.jsx";
import { RefusedFiles } from "./refused-files.jsx";
import { sizeWords } from "./size-words.js";

/** @typedef {import("../actions/files.js").TakenFile} TakenFile */

/**
 * @param {import("./task-choice.jsx").FieldProps & {
 *   value: TakenFile[],
 *   onChange: (value: TakenFile[]) => void,
 * }} props
 */
export function TaskFiles({ task, labelledBy, describedBy, value, onChange }) {
  const kind = task.kind === "audio" ? "audio" : "photo";
  const [busy, setBusy] = useState(0);
  const [refused, setRefused] = useState(/** @type {import("../actions/files.js").RefusedFile[]} */ ([]));

  /** @param {File[]} files */
  const take = async (files) => {
    setRefused([]);
    setBusy(files.length);
    const found = await takeFiles(kind, files, value);
    setBusy(0);
    setRefused(found.refused);
    if (found.taken.length > value.length) onChange(found.taken);
  };
  const full = value.length >= MOST_FILES;
  return (
    <fieldset class="task-files" aria-labelledby={labelledBy} aria-describedby={describedBy}>
      {value.length > 0 && (
        <ul class="taken-files">
          {value.map((file, place) => (
            <Taken
              key={file.id}
              file={file}
              label={fileWords(kind, place + 1)}
              onRemove={() => onChange(value.filter(({ id }) => id !== file.id))}
            />
          ))}
        </ul>
      )}
      <div role="status" class="task-standing">
        {busy > 0 && kind === "photo" && (
          <p class="task-note">{ngettext("Making %(num)s photo small…", "Making %(num)s photos small…", busy)}</p>
        )}
        {full && <p class="task-note">{gettext("These are as many files as can be handed in together.")}</p>}
      </div>
      <RefusedFiles kind={kind} refused={refused} />
      {!full && <Ways kind={kind} any={value.length > 0} onFiles={take} />}
    </fieldset>
  );
}

/** @param {{ kind: "photo" | "audio", any: boolean, onFiles: (files: File[]) => void }} props */
function Ways({ kind, any, onFiles }) {
  if (kind === "photo") {
    return (
      <div class="task-photo-ways">
        <FileWay capture onFile={(file) => onFiles([file])} label={any ? gettext("Take another") : gettext("Take a photo")} />
        <FileWay multiple onFiles={onFiles} label={gettext("Choose pictures")} />
      </div>
    );
  }
  return (
    <div class="task-photo-ways">
      {canRecord() && <Recorder again={any} onSound={(file) => onFiles([file])} />}
      <FileWay multiple accept="audio/*" onFiles={onFiles} label={gettext("Choose sounds")} />
    </div>
  );
}

/** @param {{ file: TakenFile, label: string, onRemove: () => void }} props */
function Taken({ file, label, onRemove }) {
  return (
    <li class={file.mime.startsWith("audio/") ? "taken-file taken-sound" : "taken-file"}>
      <FileView file={file} label={label} />
      <p class="taken-words">
        <span>{label}</span>
        <span class="muted">{sizeWords(file.bytes.byteLength)}</span>
      </p>
      <button
        type="button"
        class="button button-quiet button-small taken-remove"
        aria-label={gettext("Remove: %(name)s", { name: label })}
        onClick={onRemove}
      >
        <Sign name="cross" />
      </button>
    </li>
  );
}

/** @param {"photo" | "audio"} kind @param {number} number */
export function fileWords(kind, number) {
  return kind === "audio" ? gettext("Your sound %(number)s", { number }) : gettext("Your photo %(number)s", { number });
}
