/** Typing the words of a recovery kit; what is mistyped is found on the phone, before anybody is asked. */
import { useState } from "preact/hooks";
import { enterByKit } from "../actions/enter.js";
import { readWords } from "../actions/kits.js";
import { gettext, language, ngettext } from "../i18n.js";
import { troubleWords } from "./enter-words.js";

/** @param {{onIn: (invitation: import("../actions/invitations.js").Invitation) => void}} props */
export function EnterByKit({ onIn }) {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState("");
  /** @param {Event} event */
  const send = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setSaid("");
    try {
      const read = await readWords(text);
      if ("secret" in read) return onIn(await enterByKit(read.secret));
      setSaid(wrongWords(read));
    } catch (error) {
      setSaid(troubleWords(error));
    }
    setBusy(false);
  };
  return (
    <form class="card stack" aria-labelledby="enter-kit-title" onSubmit={send}>
      <h2 id="enter-kit-title">{gettext("With your recovery kit")}</h2>
      <p>
        {gettext("Type the twelve words of the paper; the first four letters of each are enough.")} <a href={`/${language()}/scan`}>{gettext("Or scan its code")}</a>
      </p>
      <p class="field">
        <label for="enter-kit">{gettext("The twelve words")}</label>
        <textarea id="enter-kit" rows={4} dir="ltr" required maxLength={400} autocomplete="off" autocapitalize="none" spellcheck={false} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </p>
      <p role="alert" class={said ? "task-word tone-bad" : "hidden"}>
        {said}
      </p>
      <p>
        <button type="submit" class="button button-quiet" aria-busy={busy} aria-disabled={busy}>
          {gettext("Get back in")}
        </button>
      </p>
    </form>
  );
}

/** @param {Exclude<Awaited<ReturnType<typeof readWords>>, {secret: string}>} read */
function wrongWords(read) {
  if (read.wrong === "count") return ngettext("This is %(num)s word; a kit has twelve.", "These are %(num)s words; a kit has twelve.", read.count);
  if (read.wrong === "word") return gettext("“%(word)s” is no word of a kit. Look again how it is written.", { word: read.word });
  return gettext("Each is a word of a kit, but not together. Check their order, and look for one that is mixed up.");
}
