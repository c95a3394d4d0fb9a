/** Files that were not taken, each by its name, with why and what would be. The others stay. */
import { MOST_FILES } from "../actions/files.js";
import { gettext, ngettext } from "../i18n.js";

/**
 * @param {{ kind: "photo" | "audio", refused: import("../actions/files.js").RefusedFile[] }} props
 */
export function RefusedFiles({ kind, refused }) {
  return (
    <div class="task-word tone-warn">
      <p>{ngettext("%(num)s file was not taken:", "%(num)s files were not taken:", refused.length)}</p>
      <ul class="refused-files">
        {refused.map(({ name, why }, place) => (
          <li key={place}>
            {name && <bdi class="refused-name">{name}</bdi>}
            <span>{refusedWords(kind, why)}</span>
          </li>
        ))}
      </ul>
      {refused.some(({ why }) => why === "kind") && <p>{acceptedWords(kind)}</p>}
    </div>
  );
}

/**
 * @param {"photo" | "audio"} kind
 * @param {import("../actions/files.js").RefusedFile["why"]} why
 */
function refusedWords(kind, why) {
  switch (why) {
    case "kind":
      return kind === "audio" ? gettext("This is no sound of a kind that is taken.") : gettext("This is no picture.");
    case "size":
      return gettext("It is larger than 20 MB.");
    case "many":
      return ngettext("No more than %(num)s file can be handed in together.", "No more than %(num)s files can be handed in together.", MOST_FILES);
    case "again":
      return gettext("It is here already.");
    case "empty":
      return gettext("There is nothing in it.");
    default:
      return gettext("It cannot be opened on this device. Please choose another one.");
  }
}

/** @param {"photo" | "audio"} kind */
function acceptedWords(kind) {
  return kind === "audio"
    ? gettext("Sounds are taken as MP3, M4A, Ogg, WebM or WAV, up to 20 MB each.")
    : gettext("Photos are taken as JPEG, PNG, WebP and whatever this device can show, up to 20 MB each.");
}
