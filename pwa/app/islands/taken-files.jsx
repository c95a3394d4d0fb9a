/** The files that were taken for a task and not handed in yet: each can be looked at, and taken out again. */
import { gettext } from "../i18n.js";
import { FileView } from "./file-view.jsx";
import { fileWords } from "./file-words.js";
import { Sign } from "./icons.jsx";
import { sizeWords } from "./size-words.js";

/** @typedef {import("../actions/files.js").TakenFile} TakenFile */

/** @param {{ kind: "photo" | "audio", value: TakenFile[], onChange: (value: TakenFile[]) => void }} props */
export function TakenFiles({ kind, value, onChange }) {
  return (
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
