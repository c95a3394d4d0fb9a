/** Small things that the screens about badges share: a text to copy, who sees what, and the word that a choice is kept. */
import { useState } from "preact/hooks";
import { copy } from "../actions/share.js";
import { gettext, inLanguage } from "../i18n.js";

/** Run what records a choice, and say that it is on this phone, or that it is not. */
export function useSaving() {
  const [said, setSaid] = useState("");
  const saving = async (/** @type {() => Promise<unknown>} */ work) => {
    setSaid("");
    try {
      await work();
      setSaid(gettext("Saved on this phone. It holds for others once it is sent."));
    } catch (error) {
      console.error(error);
      setSaid(gettext("This could not be kept. There may be no room left on this phone."));
    }
  };
  return { saving, said };
}

/** @param {{label: string, text: string}} props */
export function CopyText({ label, text }) {
  const [said, setSaid] = useState("");
  const tell = async () => setSaid((await copy(text)) === "copied" ? gettext("Copied.") : gettext("Please mark the text and copy it."));
  return (
    <div class="copy-text">
      <label>
        {label}
        <textarea readOnly rows={3} dir="ltr" spellcheck={false} value={text} onFocus={(event) => event.currentTarget.select()} />
      </label>
      <button type="button" class="button button-quiet" onClick={tell}>
        {gettext("Copy")}
      </button>
      <span class="muted" role="status">
        {said}
      </span>
    </div>
  );
}

/**
 * One of three: nobody, who has a link, everybody.
 * @param {{
 *   legend: import("preact").ComponentChildren, name: string, ways: [Visibility, string, string][], chosen: Visibility,
 *   onChoose: (value: Visibility) => void,
 * }} props
 */
export function WaysToSee({ legend, name, ways, chosen, onChoose }) {
  return (
    <fieldset class="badge-ways-to-see">
      <legend>{legend}</legend>
      {ways.map(([value, title, words]) => (
        <label key={value} class="choice-row">
          <input type="radio" name={name} value={value} checked={chosen === value} onChange={() => onChoose(value)} />
          <span>
            <strong>{title}</strong>
            <span class="muted">{words}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** @param {WorkPiece} piece */
export function pieceWords({ kind, title }) {
  const words = { text: gettext("Text"), photo: gettext("Photo"), audio: gettext("Sound") };
  return gettext("%(kind)s from “%(title)s”", { kind: words[kind] ?? kind, title: inLanguage(title) });
}
