/** The button of a passkey on staff's pages: asks the browser, puts the answer into the form around it, and sends that. */
import "../load/visiting.js";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { askPasskey, knowsPasskeys, offersInField, stopAsking, whyNot } from "../actions/staff-passkeys.js";
import { gettext } from "../i18n.js";

/** A challenge holds for five minutes; a page that waits in a field asks for a new one before. */
const RENEW_MS = 4 * 60_000;

/** @typedef {{ purpose: "show" | "make", options: string, words: string, auto: boolean }} Props */

/**
 * @param {HTMLElement} element inside of a form with a hidden field `proof-credential`
 * @param {Props} props
 */
export function start(element, props) {
  const form = element.closest("form");
  const field = form?.elements.namedItem("proof-credential");
  if (!form || !(field instanceof HTMLInputElement)) return;
  element.replaceChildren();
  const send = (/** @type {string} */ credential) => {
    field.value = credential;
    form.submit(); // past the fields of other ways, which may be empty
  };
  render(<Passkey props={props} send={send} isComplete={() => form.reportValidity()} />, element);
}

/** @param {{ props: Props, send: (credential: string) => void, isComplete: () => boolean }} props */
function Passkey({ props: { purpose, options, words, auto }, send, isComplete }) {
  const [why, setWhy] = useState(/** @type {ReturnType<typeof whyNot> | ""} */ (""));
  const [busy, setBusy] = useState(false);

  useEffect(() => (auto && knowsPasskeys() ? waitInField(options, send) : undefined), []);

  async function ask() {
    if (!isComplete()) return;
    setBusy(true);
    setWhy("");
    try {
      send(await askPasskey(purpose, options));
    } catch (error) {
      const found = whyNot(error);
      if (found === "ask") location.reload();
      setWhy(found);
      setBusy(false);
    }
  }

  if (!knowsPasskeys()) return <p class="muted">{gettext("This browser knows no passkeys. Choose another way.")}</p>;
  return (
    <>
      <p>
        <button type="button" class="button" aria-disabled={busy} onClick={() => !busy && ask()}>
          {words}
        </button>
      </p>
      <p role="status" class="passkey-said">
        {whyWords(why)}
      </p>
    </>
  );
}

/** @param {ReturnType<typeof whyNot> | ""} why */
function whyWords(why) {
  if (why === "stopped") return gettext("It was stopped, or took too long. Nothing has changed; try again.");
  if (why === "known") return gettext("This device has a passkey of yours already.");
  if (why === "offline") return gettext("The server was not reached. Check your connection and try again.");
  return why === "refused" ? gettext("That did not work. Try again, or choose another way.") : "";
}

/**
 * Offer passkeys in the field where a mail address is typed.
 * @param {string} options
 * @param {(credential: string) => void} send
 * @returns {() => void} stops it
 */
function waitInField(options, send) {
  let ended = false;
  const wait = async () => {
    try {
      if ((await offersInField()) && !ended) send(await askPasskey("show", options, true));
    } catch (error) {
      if (!["stopped", "replaced"].includes(whyNot(error))) console.warn("no passkey in the field", error);
    }
  };
  wait();
  const timer = setInterval(wait, RENEW_MS);
  return () => {
    ended = true;
    clearInterval(timer);
    stopAsking();
  };
}
