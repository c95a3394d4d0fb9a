/** Typing the eight characters under a QR code, with a verdict on typing errors before anything is sent. */
import { useEffect, useRef, useState } from "preact/hooks";
import { foldTyped, showTyped } from "../actions/codes.js";
import { gettext, ngettext } from "../i18n.js";

const LENGTH = 8;

/** @param {{ busy: boolean, onCode: (typed: string) => void }} props onCode gets 8 well-formed characters */
export function TypedCode({ busy, onCode }) {
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [text, setText] = useState("");
  const [asked, setAsked] = useState(false);
  useEffect(() => input.current?.focus(), []);

  const typed = foldTyped(text);
  const verdict = judge(text, asked);

  /** @param {HTMLInputElement} field */
  const change = (field) => {
    setAsked(false);
    setText(shown(field));
  };

  return (
    <form
      class="typed-code"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(true);
        if (typed) onCode(typed);
        else input.current?.focus();
      }}
    >
      <label for="typed-code">{gettext("The code under the QR, eight characters")}</label>
      <input
        ref={input}
        id="typed-code"
        type="text"
        inputMode="text"
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        enterKeyHint="done"
        placeholder="ABCD-EFGH"
        class={typed ? "is-whole" : undefined}
        aria-describedby="typed-code-verdict"
        aria-invalid={verdict.bad}
        value={text}
        onInput={(event) => change(event.currentTarget)}
      />
      <p id="typed-code-verdict" class={verdict.bad ? "task-note tone-bad" : "task-note"} role="status">
        {verdict.words}
      </p>
      <button class="button" type="submit" aria-disabled={busy}>
        {busy ? gettext("Checking…") : gettext("Check in")}
      </button>
    </form>
  );
}

/**
 * Look-alikes become what they stand for and the dash comes by itself, but only while writing at the end:
 * a correction in the middle keeps its caret.
 * @param {HTMLInputElement} field
 */
function shown(field) {
  if (field.selectionStart !== field.value.length) return field.value;
  const plain = bare(field.value);
  const whole = plain.slice(0, LENGTH);
  return whole.length > 4 ? showTyped(whole) : whole;
}

/** @param {string} text */
function bare(text) {
  return text
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, "")
    .replaceAll("O", "0")
    .replace(/[IL]/g, "1");
}

/**
 * @param {string} text
 * @param {boolean} asked the person has pressed the button
 * @returns {{ words: string, bad: boolean }}
 */
export function judge(text, asked) {
  const plain = bare(text);
  const strange = /[UZ]/.exec(plain)?.[0];
  if (strange === "U") return { words: gettext("There is no letter U in a code. Is it a V?"), bad: true };
  if (strange === "Z") return { words: gettext("There is no letter Z in a code. Is it a 2?"), bad: true };
  if (foldTyped(text)) return { words: gettext("This is a whole code. Go on."), bad: false };
  const left = LENGTH - plain.length;
  if (left > 0)
    return { words: ngettext("%(num)s character to go", "%(num)s characters to go", left), bad: asked };
  return { words: gettext("One character is not right. Compare it with the code under the QR."), bad: true };
}
