/** Somebody without a phone: a name if they like, or only one more. */
import { useState } from "preact/hooks";
import { gettext } from "../i18n.js";

const LONGEST_NAME = 60;

/** @param {{ onAdd: (name: string) => Promise<unknown> }} props */
export function DoorGuest({ onAdd }) {
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  /** @param {Event} event */
  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const done = await onAdd(name.trim()).then(() => true, () => false);
    setFailed(!done);
    if (done) setName("");
    setBusy(false);
  };
  return (
    <form class="door-guest" onSubmit={submit}>
      <label for="door-guest">{gettext("Without a phone")}</label>
      <div>
        <input id="door-guest" autocomplete="off" maxLength={LONGEST_NAME} placeholder={gettext("Name, if they like")} value={name} onInput={(event) => setName(event.currentTarget.value)} />
        <button type="submit" class="button button-small" aria-disabled={busy}>
          {gettext("+ Let in")}
        </button>
      </div>
      <p role="alert" class="task-word tone-bad">
        {failed && gettext("Not saved. Please try again.")}
      </p>
    </form>
  );
}
