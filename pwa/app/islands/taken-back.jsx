/** A check-in that an organiser took back: why, the learner's word against it, and what came of that. */
import { useEffect, useRef, useState } from "preact/hooks";
import { appeal, putFlagAway } from "../actions/appeals.js";
import { gettext } from "../i18n.js";
import { dateWords } from "./date-words.js";
import { Sign } from "./icons.jsx";
import { ItemState } from "./item-state.jsx";

const LONGEST = 1000;

/** @typedef {import("../store/flags.js").Flag} Flag */

/** @param {{ flag: Flag, names: import("./learning-view.js").Names, onPutAway: () => void }} props */
export function TakenBack({ flag, names, onPutAway }) {
  const { row } = flag;
  const stop = names.stops.get(row.activity);
  const [writing, setWriting] = useState(false);
  const isBack = row.state === "kept";
  return (
    <li class="entry" data-state={isBack ? "accepted" : "declined"}>
      <p class="entry-title" dir="auto">
        {stop ? <a href={stop.url}>{stop.title}</a> : gettext("A stop")}
      </p>
      <p class={isBack ? "item-state tone-ok" : "item-state tone-bad"}>
        <Sign name={isBack ? "check" : "cross"} />
        <span>
          {isBack
            ? gettext("Looked at again: your check-in counts")
            : gettext("An organiser took this check-in back on %(day)s", { day: dateWords(row.at) })}
        </span>
      </p>
      {row.reason && (
        <blockquote class="entry-what" dir="auto">
          {row.reason}
        </blockquote>
      )}
      {!isBack && <Said flag={flag} />}
      {writing && flag.needs ? (
        <AppealForm event={flag.event} onDone={() => setWriting(false)} />
      ) : (
        <p class="entry-ways">
          {flag.needs && (
            <button type="button" class="button button-small" onClick={() => setWriting(true)}>
              {gettext("Say what happened")}
            </button>
          )}
          <button type="button" class="button button-quiet button-small" onClick={() => void putFlagAway(flag).then(onPutAway)}>
            {gettext("Put away")}
          </button>
        </p>
      )}
    </li>
  );
}

/** What the learner said, and where it is now. @param {{ flag: Flag }} props */
function Said({ flag: { row, appeal: item } }) {
  const text = item?.body.text ?? row.appeal;
  if (!text) return null;
  const arrived = !item || item.state === "accepted";
  return (
    <>
      <p class="entry-what">{gettext("You said:")} <q dir="auto">{text}</q></p>
      {arrived ? <p class="entry-what">{row.answered ? gettext("The organiser has read it, and it stays so.") : gettext("The organiser has it and decides again. You see it here.")}</p> : <ItemState item={item} />}
    </>
  );
}

/** @param {{ event: string, onDone: () => void }} props */
function AppealForm({ event, onDone }) {
  const [text, setText] = useState("");
  const [words, setWords] = useState("");
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  useEffect(() => field.current?.focus(), []);
  const id = `appeal-${event}`;
  /** @param {Event} submitted */
  const send = async (submitted) => {
    submitted.preventDefault();
    if (!text.trim()) return setWords(gettext("Please write a few words first."));
    try {
      await appeal(event, text.trim());
      onDone();
    } catch (error) {
      console.warn(error);
      setWords(gettext("Not saved. Please try again."));
    }
  };
  return (
    <form class="field" noValidate onSubmit={send}>
      <label for={id}>{gettext("What should the organiser know?")}</label>
      <textarea
        ref={field}
        id={id}
        rows={4}
        maxLength={LONGEST}
        dir="auto"
        aria-describedby={`${id}-words`}
        value={text}
        onInput={(change) => setText(change.currentTarget.value)}
      />
      <p id={`${id}-words`} class="task-word tone-bad" role="alert">
        {words}
      </p>
      <p class="entry-ways">
        <button type="submit" class="button button-small">
          {gettext("Send to the organiser")}
        </button>
        <button type="button" class="button button-quiet button-small" onClick={onDone}>
          {gettext("Back")}
        </button>
      </p>
    </form>
  );
}
