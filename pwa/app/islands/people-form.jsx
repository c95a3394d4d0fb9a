/** A person's name and picture, and a PIN for those who want one. */
import { useEffect, useRef, useState } from "preact/hooks";
import { isPin } from "../actions/pin.js";
import { gettext } from "../i18n.js";
import { LONGEST_NAME } from "../store/people.js";
import { PersonPicture, PICTURE_NAMES, pictureWords } from "./people-pictures.jsx";

/**
 * @param {{
 *   title: string,
 *   taken: string[],
 *   name?: string,
 *   picture?: string,
 *   withPin?: boolean,
 *   submit: string,
 *   onSubmit: (who: {name: string, picture: string, pin?: string}) => Promise<unknown>,
 *   onCancel?: () => void,
 * }} props taken: pictures that others have, which are offered last
 */
export function PersonForm({ title, taken, name: named = "", picture: chosen, withPin = false, submit, onSubmit, onCancel }) {
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  const nameField = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [name, setName] = useState(named);
  const [picture, setPicture] = useState(chosen || (PICTURE_NAMES.find((one) => !taken.includes(one)) ?? PICTURE_NAMES[0]));
  const [pins, setPins] = useState(["", ""]);
  const [complaint, setComplaint] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => heading.current?.focus(), []);

  /** @param {Event} event */
  const send = async (event) => {
    event.preventDefault();
    if (busy) return;
    const missing = name.trim() ? pinWords(pins) : gettext("Write a name.");
    setComplaint(missing);
    if (missing) return name.trim() ? undefined : nameField.current?.focus();
    setBusy(true);
    try {
      await onSubmit({ name: name.trim(), picture, ...(pins[0] && { pin: pins[0] }) });
    } catch (error) {
      console.warn(error);
      setComplaint(gettext("Not saved. Please try again."));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form class="person-form" noValidate onSubmit={send}>
      <h2 ref={heading} tabIndex={-1}>
        {title}
      </h2>
      <div class="field">
        <label for="person-name">{gettext("Name")}</label>
        <input
          ref={nameField}
          id="person-name"
          autocomplete="off"
          maxLength={LONGEST_NAME}
          dir="auto"
          aria-describedby="person-wrong"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </div>
      <fieldset class="picture-choice">
        <legend>{gettext("Picture")}</legend>
        <div class="picture-grid">
          {PICTURE_NAMES.map((one) => (
            <label key={one} title={pictureWords(one)}>
              <input type="radio" name="picture" value={one} checked={one === picture} onChange={() => setPicture(one)} />
              <PersonPicture name={one} />
              <span class="hidden">{pictureWords(one)}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {withPin && (
        <details>
          <summary>{gettext("Add a PIN, if you like")}</summary>
          <PinFields pins={pins} onChange={setPins} />
        </details>
      )}
      <p id="person-wrong" class="task-word tone-bad" role="alert">
        {complaint}
      </p>
      <div class="people-ways">
        <button type="submit" class="button" aria-disabled={busy}>
          {submit}
        </button>
        {onCancel && (
          <button type="button" class="button button-quiet" onClick={onCancel}>
            {gettext("Back")}
          </button>
        )}
      </div>
    </form>
  );
}

/** @param {{ pins: string[], onChange: (pins: string[]) => void }} props */
export function PinFields({ pins, onChange }) {
  return (
    <div class="pin-fields">
      <p class="muted">{gettext("4 to 6 digits. A PIN keeps others who use this device out of the way. It is no lock against somebody who knows computers well.")}</p>
      {[gettext("PIN"), gettext("The same PIN once more")].map((label, index) => (
        <div class="field" key={label}>
          <label for={`pin-${index}`}>{label}</label>
          <input
            id={`pin-${index}`}
            class="pin-input"
            type="password"
            inputMode="numeric"
            autocomplete="off"
            maxLength={6}
            value={pins[index]}
            onInput={(event) => onChange(pins.map((pin, i) => (i === index ? event.currentTarget.value : pin)))}
          />
        </div>
      ))}
    </div>
  );
}

/** What is wrong with a PIN written twice; empty when nothing, or when there is none. @param {string[]} pins */
export function pinWords([pin, again]) {
  if (!pin && !again) return "";
  if (!isPin(pin)) return gettext("A PIN has 4 to 6 digits.");
  return pin === again ? "" : gettext("The two PINs are not the same.");
}
