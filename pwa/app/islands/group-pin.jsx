/** Somebody with a PIN enters it once, so that the group may check them in. */
import { useState } from "preact/hooks";
import { letJoin } from "../actions/group.js";
import { gettext } from "../i18n.js";
import { PersonPicture } from "./people-pictures.jsx";

/** @param {{ one: import("../store/people.js").Someone }} props */
export function GroupPin({ one }) {
  const [pin, setPin] = useState("");
  const [words, setWords] = useState("");
  const [busy, setBusy] = useState(false);
  const field = `group-pin-${one.learner}`;
  const send = async () => {
    if (busy) return;
    setBusy(true);
    const outcome = await letJoin(one.learner, pin);
    setBusy(false);
    setPin("");
    if (outcome === "wrong") setWords(gettext("That is not the PIN."));
    if (outcome === "wait") setWords(gettext("Too many wrong PINs. Try again later."));
  };
  return (
    <details class="group-pin">
      <summary class="group-one">
        <PersonPicture name={one.picture} />
        <span class="group-name" dir="auto">
          {one.name}
        </span>
        <span class="group-note">{gettext("has a PIN: say yes once")}</span>
      </summary>
      <div class="field">
        <p class="muted">{gettext("By the PIN, %(name)s lets this phone check them in with the group, and nothing more.", { name: one.name })}</p>
        <label for={field}>{gettext("PIN of %(name)s", { name: one.name })}</label>
        <input
          id={field}
          class="pin-input"
          type="password"
          inputMode="numeric"
          autocomplete="off"
          maxLength={6}
          value={pin}
          onInput={(event) => setPin(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault(); // the form around it checks everybody in
            void send();
          }}
        />
        <p class="task-word tone-bad" role="alert">
          {words}
        </p>
        <button type="button" class="button button-quiet" aria-disabled={busy} onClick={() => void send()}>
          {gettext("Let the group check me in")}
        </button>
      </div>
    </details>
  );
}
