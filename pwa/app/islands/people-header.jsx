/** On a device that several share: who is at work, in the header; and the question whose turn it is. */
import "../load/visiting.js";
import "@preact/signals";
import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { whenAsked } from "../actions/whose-turn.js";
import { gettext, language } from "../i18n.js";
import { atWork } from "../store/device.js";
import { live } from "../store/live.js";
import { everyone } from "../store/people.js";
import { PeopleChoice } from "./people-choice.jsx";
import { PersonPicture } from "./people-pictures.jsx";

/** @typedef {import("../store/device.js").Turn} Turn */

/** A device that lay about for so long may be in other hands. */
const LONG_MS = 10 * 60_000;

const all = live(everyone, ["people", "device", "outbox", "settings"], []);

/** @param {HTMLElement} status the room in the header that the chip stands beside */
export function start(status) {
  const room = document.createElement("div");
  status.before(room);
  render(<PersonChip />, room);
  whenAsked(askWho);
  askAfterLongAbsence();
}

function PersonChip() {
  const people = all.value ?? [];
  const me = people.find((one) => one.atWork);
  if (people.length < 2 && me) return null;
  return (
    <a class="person-chip" href={`/${language()}/people`}>
      <PersonPicture name={me?.picture ?? ""} />
      <span dir="auto">{me ? me.name || gettext("No name yet") : gettext("Who is learning?")}</span>
    </a>
  );
}

function askAfterLongAbsence() {
  let hidden = 0;
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") hidden = Date.now();
    else if (hidden && Date.now() - hidden > LONG_MS && (all.peek() ?? []).length > 1) void askWho(true);
  });
}

/** @type {Promise<Turn | undefined> | null} */
let asking = null;

/**
 * Ask whose turn it is, once at a time.
 * @param {boolean} [mayClose] whoever is at work may go on without an answer
 * @returns {Promise<Turn | undefined>} undefined: a new learner's
 */
export function askWho(mayClose = false) {
  asking ??= new Promise((answer) => {
    const room = document.createElement("div");
    document.body.append(room);
    /** @param {Turn | undefined} turn */
    const done = (turn) => {
      render(null, room);
      room.remove();
      asking = null;
      answer(turn);
    };
    render(<Question mayClose={mayClose} onAnswer={done} />, room);
  });
  return asking;
}

/** @param {{ mayClose: boolean, onAnswer: (turn: Turn | undefined) => void }} props */
function Question({ mayClose, onAnswer }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class="whose-turn"
      aria-labelledby="whose-turn"
      onCancel={(event) => {
        event.preventDefault();
        if (mayClose) onAnswer(undefined);
      }}
    >
      {/* Takes the focus: "Someone new" must not be one careless Enter away. */}
      <h2 id="whose-turn" tabIndex={-1} autoFocus>
        {gettext("Who is learning?")}
      </h2>
      <PeopleChoice all={all.value ?? []} onSwitched={async (one) => onAnswer(await turnOf(one.learner))} />
      {!mayClose && (
        <button type="button" class="button button-quiet" onClick={() => onAnswer(undefined)}>
          {gettext("Someone new")}
        </button>
      )}
    </dialog>
  );
}

/** @param {string} learner @returns {Promise<Turn>} */
async function turnOf(learner) {
  const now = await atWork();
  return now.learner === learner ? now : { learner };
}
