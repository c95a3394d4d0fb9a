/** Choosing who learns: a big picture each, and the PIN of whoever has one. */
import { useEffect, useRef, useState } from "preact/hooks";
import { forgetPin, switchTo } from "../actions/people.js";
import { mustWait } from "../actions/pin.js";
import { gettext, ngettext } from "../i18n.js";
import { isGoing } from "../store/people.js";
import { timeOf } from "./date-words.js";
import { PersonPicture } from "./people-pictures.jsx";

/** @typedef {import("../store/people.js").Someone} Someone */

/** @param {{ all: Someone[], onSwitched: (one: Someone) => void }} props */
export function PeopleChoice({ all, onSwitched }) {
  const [asked, setAsked] = useState(/** @type {string | null} */ (null));
  const person = all.find(({ learner }) => learner === asked);
  /** @param {Someone} one */
  const choose = async (one) => {
    if (one.locked && !one.atWork) return setAsked(one.learner);
    if (!one.atWork) await switchTo(one.learner);
    onSwitched(one);
  };
  if (person)
    return (
      <Pin
        person={person}
        onCancel={() => setAsked(null)}
        onRight={() => {
          setAsked(null);
          onSwitched(person);
        }}
      />
    );
  return (
    <ul class="people">
      {all.map((one) => (
        <li key={one.learner}>
          <button type="button" class="person" aria-current={one.atWork ? "true" : undefined} onClick={() => void choose(one)}>
            <PersonPicture name={one.picture} />
            <span class="person-name" dir="auto">
              {one.name || gettext("No name yet")}
            </span>
            <span class="person-note">{noteWords(one)}</span>
            {one.locked && <Lock />}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** @param {Someone} one */
function noteWords({ atWork, waiting }) {
  if (waiting) return ngettext("%(num)s thing waits to be sent", "%(num)s things wait to be sent", waiting);
  return atWork ? gettext("Learning now") : "";
}

function Lock() {
  return (
    <span class="person-lock">
      <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        <path d="M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3" />
      </svg>
      <span class="hidden">{gettext("with a PIN")}</span>
    </span>
  );
}

/** @param {{ person: Someone, onRight: () => void, onCancel: () => void }} props */
function Pin({ person, onRight, onCancel }) {
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [pin, setPin] = useState("");
  const [words, setWords] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => input.current?.focus(), []);
  /** @param {Event} event */
  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const outcome = await switchTo(person.learner, pin);
    setBusy(false);
    if (outcome === "switched") return onRight();
    setPin("");
    setWords(outcome === "wrong" ? gettext("That is not the PIN.") : "");
    input.current?.focus();
  };
  return (
    <form class="pin-form" noValidate onSubmit={submit}>
      <PersonPicture name={person.picture} class="person-picture-large" />
      <h2 dir="auto">{person.name}</h2>
      <div class="field">
        <label for="pin">{gettext("PIN")}</label>
        <input
          ref={input}
          id="pin"
          class="pin-input"
          type="password"
          inputMode="numeric"
          autocomplete="off"
          maxLength={6}
          aria-describedby="pin-words"
          aria-invalid={words !== ""}
          value={pin}
          onInput={(event) => setPin(event.currentTarget.value)}
        />
        <p id="pin-words" class="tone-bad task-word" role="alert">
          {mustWait(person, Date.now())
            ? gettext("Too many wrong PINs. Try again at %(time)s.", { time: timeOf(person.wait_until ?? 0) })
            : words}
        </p>
      </div>
      <div class="people-ways">
        <button type="submit" class="button" aria-disabled={busy}>
          {gettext("It's me")}
        </button>
        <button type="button" class="button button-quiet" onClick={onCancel}>
          {gettext("Back")}
        </button>
      </div>
      <Forgotten person={person} />
    </form>
  );
}

/** @param {{ person: Someone }} props */
function Forgotten({ person }) {
  const going = isGoing(person, Date.now());
  return (
    <details class="pin-forgotten" open={going}>
      <summary>{gettext("PIN forgotten?")}</summary>
      <p>{gettext("A PIN keeps others who use this device out of the way. It is no lock against somebody who knows computers well.")}</p>
      {going ? (
        <p role="status">
          {gettext("The PIN goes away at %(time)s. Until then, entering it keeps it.", { time: timeOf(person.pin_ends_at ?? 0) })}
        </p>
      ) : (
        <>
          <p>{gettext("It can be taken off, but only after 24 hours: so that its owner can say no.")}</p>
          <button type="button" class="button button-quiet button-small" onClick={() => void forgetPin(person.learner)}>
            {gettext("Take the PIN off in 24 hours")}
          </button>
        </>
      )}
    </details>
  );
}

