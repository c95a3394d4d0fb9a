/** What would come together, and that it is for good; asked twice where this phone knows a name or a PIN. */
import { useEffect, useRef, useState } from "preact/hooks";
import { whatIsHere } from "../actions/bring-together.js";
import { tryPin } from "../actions/people.js";
import { mustWait } from "../actions/pin.js";
import { gettext, ngettext } from "../i18n.js";
import { timeOf } from "./date-words.js";
import { Notice } from "./notice.jsx";
import { useLive } from "./use-live.js";

/** @typedef {import("../store/people.js").Someone} Someone */

/** @param {{ mine: Someone, onYes: () => Promise<void>, onNo: () => void }} props */
export function JoinTogether({ mine, onYes, onNo }) {
  const [isAgreed, setAgreed] = useState(false);
  const [failed, setFailed] = useState(false);
  const asksTwice = mine.name !== "" || mine.locked;
  const go = async () => {
    setFailed(false);
    await onYes().catch((error) => {
      console.warn(error);
      setFailed(true);
    });
  };
  return (
    <div class="stack">
      {isAgreed ? (
        <Sure mine={mine} onYes={go} onNo={onNo} />
      ) : (
        <What mine={mine} onYes={() => (asksTwice ? setAgreed(true) : go())} onNo={onNo} />
      )}
      <p role="alert" class="task-word tone-bad">
        {failed && gettext("Not saved. Please try again.")}
      </p>
    </div>
  );
}

/** @param {{ mine: Someone, onYes: () => unknown, onNo: () => void }} props */
function What({ mine, onYes, onNo }) {
  const here = useLive(() => whatIsHere(mine.learner), ["feed", "outbox"], []);
  return (
    <section class="stack" aria-labelledby="together">
      <Heading id="together">{gettext("Bring both together?")}</Heading>
      <p>{gettext("From this phone:")}</p>
      {here && (
        <ul class="join-numbers">
          {here.badges > 0 && <li>{ngettext("%(num)s badge", "%(num)s badges", here.badges)}</li>}
          <li>{ngettext("%(num)s check-in", "%(num)s check-ins", here.checkIns)}</li>
          {here.waiting > 0 && <li>{ngettext("%(num)s thing that is not sent yet", "%(num)s things that are not sent yet", here.waiting)}</li>}
        </ul>
      )}
      <p>{gettext("All of it counts for you, on all your phones. What you did twice counts once, as the better of the two. Badges that you have shared keep their addresses.")}</p>
      <Notice tone="warn" title={gettext("This cannot be undone")}>
        <p>{gettext("Nobody can take the two apart again. Do it only if both are you.")}</p>
      </Notice>
      <div class="people-ways">
        <button type="button" class="button" onClick={onYes}>
          {gettext("Bring together")}
        </button>
        <button type="button" class="button button-quiet" onClick={onNo}>
          {gettext("Back")}
        </button>
      </div>
    </section>
  );
}

/** @param {{ mine: Someone, onYes: () => Promise<void>, onNo: () => void }} props */
function Sure({ mine, onYes, onNo }) {
  const [pin, setPin] = useState("");
  const [words, setWords] = useState("");
  const [busy, setBusy] = useState(false);
  const name = mine.name || gettext("No name yet");
  /** @param {Event} event */
  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const outcome = await tryPin(mine, pin);
    if (outcome === "right") await onYes();
    else setWords(outcome === "wait" || mustWait(mine, Date.now()) ? gettext("Too many wrong PINs. Try again at %(time)s.", { time: timeOf(mine.wait_until ?? Date.now()) }) : gettext("That is not the PIN."));
    setPin("");
    setBusy(false);
  };
  return (
    <form class="stack" noValidate onSubmit={submit}>
      <Heading id="sure">{gettext("Are you %(name)s?", { name })}</Heading>
      <p>{gettext("On this phone, %(name)s is somebody of their own. Go on only if that is you, and nobody else.", { name })}</p>
      {mine.locked && (
        <div class="field">
          <label for="join-pin">{gettext("PIN of %(name)s", { name })}</label>
          <input
            id="join-pin"
            class="pin-input"
            type="password"
            inputMode="numeric"
            autocomplete="off"
            maxLength={6}
            aria-describedby="join-pin-words"
            value={pin}
            onInput={(event) => setPin(event.currentTarget.value)}
          />
        </div>
      )}
      <p id="join-pin-words" class="task-word tone-bad" role="alert">
        {words}
      </p>
      <div class="people-ways">
        <button type="submit" class="button" aria-disabled={busy}>
          {gettext("Yes, that is me: bring together")}
        </button>
        <button type="button" class="button button-quiet" onClick={onNo}>
          {gettext("No")}
        </button>
      </div>
    </form>
  );
}

/** @param {{ id: string, children: import("preact").ComponentChildren }} props */
function Heading({ id, children }) {
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  useEffect(() => heading.current?.focus(), []);
  return (
    <h2 id={id} ref={heading} tabIndex={-1}>
      {children}
    </h2>
  );
}
