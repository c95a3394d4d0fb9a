/** What may we tell you: a badge arrived, somebody looked, a file waits. All off until it is switched on here. */
import { useState } from "preact/hooks";
import { Blocked, chosenKinds, KINDS, switchKind, tellingHere } from "../actions/telling.js";
import { gettext } from "../i18n.js";
import { Offline } from "../sync/api.js";
import { Notice } from "./notice.jsx";
import { useLive } from "./use-live.js";

/** A row that opens, for a list of ways. Not there before somebody has begun: there is nobody to tell. */
export function TellingWay() {
  const chosen = useLive(() => chosenKinds(), ["settings", "device"]);
  if (!chosen) return null;
  return (
    <details class="telling-way">
      <summary>{gettext("What may we tell you?")}</summary>
      <Telling chosen={chosen} />
    </details>
  );
}

/** @param {{ chosen: import("../actions/telling.js").Kind[] }} props */
function Telling({ chosen }) {
  const here = tellingHere();
  if (here === "none") return <p>{gettext("This browser can tell you nothing while the app is closed. What is new waits here for you.")}</p>;
  if (here === "install")
    return <p>{gettext("On this device it works once the app is on the home screen: in the share menu choose “Add to Home Screen”, and open it from there.")}</p>;
  return (
    <div class="telling stack">
      <p>{gettext("A message on this phone, while the app is closed. Only what you switch on.")}</p>
      <Switches chosen={chosen} />
      <p class="muted">{gettext("Your browser's maker brings the message and cannot read it.")}</p>
    </div>
  );
}

/** @param {{ chosen: import("../actions/telling.js").Kind[] }} props */
function Switches({ chosen }) {
  const blocked = tellingHere() === "blocked"; // looked at again after each answer of the browser
  const [busy, setBusy] = useState("");
  const [trouble, setTrouble] = useState("");
  /** @type {Record<import("../actions/telling.js").Kind, string>} */
  const words = {
    award: gettext("A badge has arrived"),
    review: gettext("Somebody looked at my work"),
    send: gettext("A photo or recording of mine still has to be sent"),
  };
  /**
   * @param {import("../actions/telling.js").Kind} kind
   * @param {HTMLInputElement} box
   */
  async function change(kind, box) {
    const on = box.checked;
    setBusy(kind);
    setTrouble("");
    await switchKind(kind, on).catch((error) => {
      box.checked = !on;
      setTrouble(troubleWords(error));
    });
    setBusy("");
  }
  return (
    <div>
      <div role="alert">
        {trouble && !blocked && <Notice tone="warn" title={trouble} />}
        {blocked && (
          <Notice tone="warn" title={blockedWords()}>
            <p>{gettext("You can change that in the browser's settings for this site.")}</p>
          </Notice>
        )}
      </div>
      {KINDS.map((kind) => (
        <label key={kind} class="telling-switch" aria-busy={busy === kind}>
          <input
            type="checkbox"
            role="switch"
            checked={chosen.includes(kind) && !blocked}
            disabled={Boolean(busy) || blocked}
            onChange={(event) => void change(kind, event.currentTarget)}
          />
          <span>{words[kind]}</span>
        </label>
      ))}
    </div>
  );
}

const blockedWords = () => gettext("Your browser does not let this site tell you anything.");

/** @param {unknown} error */
function troubleWords(error) {
  if (error instanceof Blocked) return blockedWords();
  if (error instanceof Offline) return gettext("To switch this on, a network is needed. Please try again later.");
  console.warn("telling", error);
  return gettext("This browser could not be reached with messages. Please try again later, or use another browser.");
}
