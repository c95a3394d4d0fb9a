/** Asks, before the browser does, whether the phone may compare where it is with where a code counts. */
import { useEffect, useRef, useState } from "preact/hooks";
import { comparePlace, placeChoice, rememberPlaceChoice } from "../actions/place.js";
import { gettext } from "../i18n.js";
import { Sign } from "./icons.jsx";
import { Notice } from "./notice.jsx";

/**
 * @param {{ asked: Place, group: boolean, onPlace: (place: PlaceWord) => void }} props
 */
export function PlaceQuestion({ asked, group, onPlace }) {
  const [step, setStep] = useState(/** @type {"look" | "ask" | "compare"} */ ("look"));
  const [always, setAlways] = useState(false);
  const given = useRef(false);
  const room = useRef(/** @type {HTMLDivElement | null} */ (null));

  /** Once: a position that comes after "go on without" is not waited for. @param {PlaceWord} word */
  const answer = (word) => {
    if (given.current) return;
    given.current = true;
    onPlace(word);
  };
  const compare = () => {
    setStep("compare");
    void comparePlace(asked).then(answer);
  };
  /** @param {"yes" | "no"} choice */
  const choose = async (choice) => {
    if (always) await rememberPlaceChoice(choice, group).catch(console.warn);
    if (choice === "yes") compare();
    else answer({ is: "unknown" });
  };
  useEffect(() => {
    placeChoice(group).then(
      (choice) => (choice === "yes" ? compare() : choice === "no" ? answer({ is: "unknown" }) : setStep("ask")),
      () => setStep("ask"),
    );
  }, []);
  useEffect(() => {
    if (step !== "look") room.current?.focus();
  }, [step]);

  if (step === "look") return null;
  if (step === "compare")
    return (
      <div ref={room} tabIndex={-1} class="ask">
        <Notice
          sign="pin"
          title={gettext("Looking where this phone is…")}
          ways={
            <button type="button" class="button button-quiet" onClick={() => answer({ is: "unknown" })}>
              {gettext("Go on without")}
            </button>
          }
        />
      </div>
    );
  return (
    <div ref={room} tabIndex={-1} class="ask">
      <Notice
        sign="pin"
        title={gettext("This code asks whether you are at the place")}
        ways={
          <>
            <button type="button" class="button" onClick={() => void choose("yes")}>
              {gettext("Yes, compare")}
            </button>
            <button type="button" class="button button-quiet" onClick={() => void choose("no")}>
              {gettext("Not now")}
            </button>
          </>
        }
      >
        <p>{gettext("Your phone compares by itself. Only one word is sent: in, out, or don't know. Where you are stays on this phone.")}</p>
        <p class="muted">{gettext("You are checked in either way. If you say yes, the browser asks once more.")}</p>
        <label class="choice">
          <input type="checkbox" checked={always} onChange={(event) => setAlways(event.currentTarget.checked)} />
          <span>{gettext("Do the same next time")}</span>
        </label>
      </Notice>
    </div>
  );
}

/** What was sent of it, on the check-in. @param {{ word: PlaceWord }} props */
export function PlaceSaid({ word }) {
  return (
    <p class="item-state">
      <Sign name="pin" />
      <span>{placeWords(word)}</span>
    </p>
  );
}

/** @param {PlaceWord} word */
function placeWords({ is }) {
  if (is === "in") return gettext("Your phone says: you are at the place.");
  if (is === "out") return gettext("Your phone says: you are not at the place. The organiser sees that.");
  return gettext("Whether you are at the place is not known.");
}
