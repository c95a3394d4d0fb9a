/** Getting in by passkey: the browser offers one where the mail address is written, and by a button. */
import { useEffect, useState } from "preact/hooks";
import { knowsPasskeys } from "../actions/knows-passkeys.js";
import { browserSupportsWebAuthnAutofill, enterByPasskey, stopAsking, whyNot } from "../actions/passkeys.js";
import { gettext } from "../i18n.js";
import { Offline, Rejected } from "../sync/api.js";
import { troubleWords } from "./enter-words.js";

/** A challenge holds for five minutes: a page that is open longer asks for a new one before. */
const AGAIN_MS = 4 * 60_000;

/** @param {{onIn: (invitation: import("../actions/invitations.js").Invitation) => void}} props */
export function EnterByPasskey({ onIn }) {
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState("");
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (!knowsPasskeys()) return;
    void offer(onIn).catch((error) => {
      // Who chose a passkey that opens nothing is told; who chose none is left in peace.
      if (error instanceof Rejected) setSaid(troubleWords(error));
    });
    const timer = setTimeout(() => setRound(round + 1), AGAIN_MS);
    return () => clearTimeout(timer);
  }, [round]);
  useEffect(() => stopAsking, []);
  if (!knowsPasskeys())
    return (
      <section class="card stack">
        <h2>{gettext("With a passkey")}</h2>
        <p>{gettext("This browser has no passkeys. Use a mail or your recovery kit, or open this page in another browser.")}</p>
      </section>
    );
  const enter = async () => {
    if (busy) return;
    setBusy(true);
    setSaid("");
    try {
      onIn(await enterByPasskey());
    } catch (error) {
      const isOurs = error instanceof Offline || error instanceof Rejected || whyNot(error) === "other";
      setSaid(isOurs ? troubleWords(error) : gettext("No passkey was used. There may be none for this city on this device."));
      setBusy(false);
      setRound(round + 1);
    }
  };
  return (
    <section class="card stack" aria-labelledby="enter-passkey">
      <h2 id="enter-passkey">{gettext("With a passkey")}</h2>
      <p>{gettext("By finger, face or PIN, as you unlock your phone, or with a key on a stick.")}</p>
      <p role="alert" class={said ? "task-word" : "hidden"}>
        {said}
      </p>
      <p>
        <button type="button" class="button" aria-busy={busy} aria-disabled={busy} onClick={enter}>
          {gettext("Use a passkey")}
        </button>
      </p>
    </section>
  );
}

/** Let the browser offer passkeys in the field for the address. @param {(invitation: import("../actions/invitations.js").Invitation) => void} onIn */
async function offer(onIn) {
  if (await browserSupportsWebAuthnAutofill()) onIn(await enterByPasskey({ autofill: true }));
}
