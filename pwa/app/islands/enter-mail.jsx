/** Asking for a mail: what is said does not tell whether an address is known. */
import { useState } from "preact/hooks";
import { askForMail } from "../actions/enter.js";
import { gettext } from "../i18n.js";
import { troubleWords } from "./enter-words.js";

export function EnterByMail() {
  const [address, setAddress] = useState("");
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState("");
  /** @param {Event} event */
  const send = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setSaid("");
    try {
      await askForMail(address);
      setSaid(gettext("If this address is a way back in, a link is in your mail now. It works for a day; one from earlier today works as well."));
    } catch (error) {
      setSaid(troubleWords(error));
    }
    setBusy(false);
  };
  return (
    <form class="card stack" aria-labelledby="enter-mail-title" onSubmit={send}>
      <h2 id="enter-mail-title">{gettext("With a mail")}</h2>
      <p>{gettext("We send a link to an address that you added before. Open it on this phone.")}</p>
      <p class="field">
        <label for="enter-mail">{gettext("Your mail address")}</label>
        <input id="enter-mail" type="email" dir="ltr" required maxLength={254} autocomplete="email webauthn" value={address} onInput={(event) => setAddress(event.currentTarget.value)} />
      </p>
      <p role="status" class={said ? "task-word" : "hidden"}>
        {said}
      </p>
      <p>
        <button type="submit" class="button button-quiet" aria-busy={busy} aria-disabled={busy}>
          {gettext("Send me a link")}
        </button>
      </p>
    </form>
  );
}
