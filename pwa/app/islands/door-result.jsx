/** The door's answer to one person: colour, shape and words over the whole width, and what can be done now. */
import { useEffect, useRef } from "preact/hooks";
import { gettext } from "../i18n.js";
import { DoorReceipt } from "./door-receipt.jsx";
import { DoorSign } from "./door-icons.jsx";
import { againWords, whyWords } from "./door-words.js";
import { PersonPicture } from "./people-pictures.jsx";

/**
 * @typedef {import("../actions/door-pass.js").SeenPass} SeenPass
 * @typedef {import("../actions/door-decide.js").Agreed[]} Agreed
 * @typedef {{is: "in", pass: SeenPass, event: string, over: boolean}} In
 * @typedef {In | {is: "again", pass: SeenPass, agreed: Agreed, row: import("../actions/door-view.js").Row} | {is: "old" | "full" | "unsaved", pass: SeenPass, agreed: Agreed} | {is: "other", seen: import("../actions/door-pass.js").SeenOther}} Shown
 */

/** @param {Shown} shown @returns {import("./door-signals.js").Tone} */
export function toneOf({ is }) {
  if (is === "in") return "ok";
  if (is === "again") return "again";
  return is === "other" ? "no" : "ask";
}

/**
 * @param {{
 *   door: Door,
 *   view: import("../actions/door-view.js").View,
 *   shown: Shown | null,
 *   onAgree: (pass: SeenPass, agreed: Agreed) => void,
 *   onUndo: (event: string) => void,
 *   onNext: () => void,
 * }} props
 */
export function DoorResult(props) {
  const { shown, view } = props;
  const choice = useRef(/** @type {HTMLDivElement | null} */ (null));
  const asked = shown && !["in", "again", "other"].includes(shown.is);
  useEffect(() => {
    if (asked) choice.current?.focus();
  }, [shown]);
  return (
    <div ref={choice} tabIndex={-1} class="door-result-room">
      <p class="hidden" role="status" aria-live="assertive">
        {shown && `${titleOf(shown, view)}. ${namesIn(shown)}`}
      </p>
      {shown && (
        <article class="door-result" data-tone={toneOf(shown)} data-is={shown.is}>
          <DoorSign name={shown.is === "unsaved" ? "no" : shown.is} class="door-result-sign" />
          <h3>{titleOf(shown, view)}</h3>
          {"pass" in shown && <Person pass={shown.pass} />}
          <Rest {...props} shown={shown} />
        </article>
      )}
    </div>
  );
}

/** @param {Shown} shown */
const namesIn = (shown) => ("pass" in shown ? shown.pass.name : "");

/** @param {{ pass: SeenPass }} props */
function Person({ pass: { name, picture } }) {
  if (!name && !picture) return null;
  return (
    <p class="door-person">
      {picture && <PersonPicture name={picture} />}
      <span dir="auto">{name}</span>
    </p>
  );
}

/** @param {Parameters<typeof DoorResult>[0] & { shown: Shown }} props */
function Rest({ door, view, shown, onAgree, onUndo, onNext }) {
  switch (shown.is) {
    case "in":
      return <LetIn door={door} view={view} shown={shown} onUndo={onUndo} />;
    case "again":
      return (
        <>
          <p class="door-result-lead">{againWords(shown.row)}</p>
          <DoorReceipt door={door} learnerDevice={shown.pass.device} />
        </>
      );
    case "old":
      return (
        <Question
          words={gettext("Ask them to show it again: a pass on the screen is new every 30 seconds.")}
          no={gettext("Scan it again")}
          yes={gettext("Let in anyway")}
          onNo={onNext}
          onYes={() => onAgree(shown.pass, [...shown.agreed, "old"])}
        />
      );
    case "full":
      return (
        <Question
          words={gettext("You decide. Who is let in now stands on the list as “to be reviewed”.")}
          no={gettext("Not now")}
          yes={gettext("Let in, to be reviewed")}
          onNo={onNext}
          onYes={() => onAgree(shown.pass, [...shown.agreed, "over"])}
        />
      );
    case "unsaved":
      return (
        <Question
          words={gettext("This phone could not keep it: it may be full. Nobody was refused.")}
          no={gettext("Not now")}
          yes={gettext("Try again")}
          onNo={onNext}
          onYes={() => onAgree(shown.pass, shown.agreed)}
        />
      );
    case "other":
      return <p class="door-result-lead">{otherWords(shown.seen)}</p>;
  }
}

/** @param {{ door: Door, view: import("../actions/door-view.js").View, shown: In, onUndo: (event: string) => void }} props */
function LetIn({ door, view, shown: { event, pass }, onUndo }) {
  const row = view.rows.find((one) => one.devices.includes(pass.device));
  const why = row && row.state !== "in" ? whyWords(row.why) : "";
  return (
    <>
      <p class="door-result-lead">
        {row?.state === "refused" ? gettext("Let in here; the city does not count it.") : saidWords(row)} {why}
      </p>
      <div class="door-result-ways">
        <button type="button" onClick={() => onUndo(event)}>
          {gettext("Undo")}
        </button>
        <DoorReceipt door={door} learnerDevice={pass.device} />
      </div>
    </>
  );
}

/** The pass's signature is known to the city alone: until it has spoken, no more than that is said. @param {import("../actions/door-view.js").Row | undefined} row */
function saidWords(row) {
  if (row?.sent !== "confirmed") return gettext("Kept on this phone · the city checks it later");
  return row.where === "both" ? gettext("Another door had let them in too: it counts once.") : gettext("Confirmed by the city");
}

/** @param {{ words: string, no: string, yes: string, onNo: () => void, onYes: () => void }} props */
function Question({ words, no, yes, onNo, onYes }) {
  return (
    <>
      <p class="door-result-lead">{words}</p>
      <div class="door-result-ways">
        <button type="button" onClick={onNo}>
          {no}
        </button>
        <button type="button" onClick={onYes}>
          {yes}
        </button>
      </div>
    </>
  );
}

/**
 * @param {Shown} shown
 * @param {import("../actions/door-view.js").View} view
 */
function titleOf(shown, view) {
  switch (shown.is) {
    case "in":
      return shown.over ? gettext("Let in, to be reviewed") : gettext("Let in");
    case "again":
      return gettext("Already in");
    case "old":
      return gettext("This pass is old");
    case "full":
      return gettext("Full: %(count)s of %(capacity)s", { count: view.count, capacity: view.capacity });
    case "unsaved":
      return gettext("Not saved");
    case "other":
      return otherTitle(shown.seen);
  }
}

/** @param {import("../actions/door-pass.js").SeenOther} seen */
function otherTitle({ is }) {
  if (is === "foreign") return gettext("Not a pass of this city");
  if (is === "newer") return gettext("Please update");
  return is === "wrong" ? gettext("Not a whole pass") : gettext("This is no pass");
}

/** @param {import("../actions/door-pass.js").SeenOther} seen */
function otherWords(seen) {
  switch (seen.is) {
    case "foreign":
      return seen.host ? gettext("The code leads to %(host)s. It was not opened.", { host: seen.host }) : gettext("The code holds something else. It was not used.");
    case "newer":
      return gettext("This pass is of a kind that this version does not know yet. Open this page again when you are online.");
    case "wrong":
      return gettext("Part of it is missing. Ask them to show it again.");
    case "stop":
      return gettext("It is the code of a place or a session. People scan that with their own phone.");
    case "invitation":
      return gettext("It joins two phones of one person. Their pass is under “My pass”.");
    case "door":
      return gettext("It opens a door. Scan it with the phone's own camera.");
    default:
      return gettext("It is an address of this city, but nobody's pass.");
  }
}
