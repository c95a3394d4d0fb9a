/** One task of a stop: its question, the learner's answer, and where that answer is now. */
import { useEffect, useRef, useState } from "preact/hooks";
import { gettext, language } from "../i18n.js";
import { Sign } from "./icons.jsx";
import { ItemState, Over } from "./item-state.jsx";
import { TaskForm } from "./task-form.jsx";
import { TaskGiven } from "./task-given.jsx";
import { usePart } from "./use-part.js";

/**
 * @typedef {object} TaskProps
 * @property {Task} task
 * @property {number} position from 1
 * @property {string} activity
 * @property {TaskProgress | undefined} progress
 * @property {OutboxItem | undefined} item the newest event about it on this phone
 */

/** @param {TaskProps} props */
export function TaskCard({ task, position, activity, progress, item }) {
  const state = progress?.state ?? "open";
  const done = state === "waiting" || state === "received" || state === "done";
  const prompt = `task-${task.id}`;
  return (
    <li class={done ? "task is-done" : "task"}>
      <div class="task-head">
        <span class="task-number-mark" aria-hidden="true">
          {done ? <Sign name="check" /> : position}
        </span>
        <h3 class="task-prompt" id={prompt} dir="auto">
          {task.prompt}
          {!task.required && <span class="task-optional">{gettext("You may skip this one")}</span>}
        </h3>
      </div>
      {task.kind === "checkin" ? (
        <Presence done={done} item={item} hint={task.hint} over={done && Boolean(progress?.over)} />
      ) : (
        <Work {...{ task, activity, state, done, item, prompt, note: progress?.note }} />
      )}
    </li>
  );
}

/** @param {{ done: boolean, item: OutboxItem | undefined, hint?: string | null, over: boolean }} props */
function Presence({ done, item, hint, over }) {
  return (
    <>
      <div class="task-standing" role="status">
        {item ? <ItemState item={item} /> : done && <p class="task-note">{gettext("You're checked in.")}</p>}
        {over && <Over />}
      </div>
      {!done && (
        <>
          <p class="task-note">{hint || gettext("Find the code at the stop and scan it.")}</p>
          <a class="button" href={`/${language()}/scan`}>
            {gettext("Scan the code")}
          </a>
        </>
      )}
    </>
  );
}

/** @param {{ task: Task, activity: string, state: TaskProgress["state"], done: boolean, item: OutboxItem | undefined, prompt: string, note?: string }} props */
function Work({ task, activity, state, done, item, prompt, note }) {
  const [changing, setChanging] = useState(false);
  const [handedIn, setHandedIn] = useState(0);
  const files = usePart(Boolean(item?.blobs.length), () => import("./files.js"));
  const room = useRef(/** @type {HTMLDivElement | null} */ (null));
  // The form has gone: whoever works by keyboard or ear goes on where the answer now stands.
  useEffect(() => {
    if (handedIn) room.current?.focus();
  }, [handedIn]);

  const showsForm = !done || changing;
  return (
    <>
      <div class="task-standing" role="status" ref={room} tabIndex={-1}>
        {done && !changing && (
          <>
            <p class="task-word tone-ok">{doneWords(task, state)}</p>
            {item && <TaskGiven task={task} item={item} />}
            {item && <ItemState item={standingOf(item, state)} />}
            {item && files && <files.UploadState item={item} />}
          </>
        )}
        {!done && <Trouble state={state} item={item} />}
        {!done && note && (
          <div class="task-given">
            <p class="task-note">{gettext("The organiser writes")}</p>
            <p dir="auto">{note}</p>
          </div>
        )}
      </div>
      {showsForm && (
        <TaskForm
          task={task}
          activity={activity}
          prompt={prompt}
          given={item}
          tried={state === "wrong"}
          onGiven={() => {
            setChanging(false);
            setHandedIn((times) => times + 1);
          }}
          onCancel={changing ? () => setChanging(false) : undefined}
        />
      )}
      {done && !changing && (
        <div class="task-ways">
          <button type="button" class="button button-quiet" onClick={() => setChanging(true)}>
            {gettext("Change")}
          </button>
        </div>
      )}
    </>
  );
}

/**
 * That the server took in a photo or a text is not yet somebody's word that it is good.
 * @param {OutboxItem} item
 * @param {TaskProgress["state"]} state
 * @returns {import("./item-state.jsx").Item}
 */
function standingOf(item, state) {
  return item.state === "accepted" && state === "received" ? { state: "arrived" } : item;
}

/** @param {{ state: TaskProgress["state"], item: OutboxItem | undefined }} props */
function Trouble({ state, item }) {
  if (state === "wrong") return <p class="task-word tone-warn">{gettext("Not right yet. Try again.")}</p>;
  if (state === "improve")
    return (
      <p class="task-word tone-warn">
        {gettext("Nearly there: you are asked for a little more. Change your answer and hand it in again.")}
      </p>
    );
  if (state === "declined") {
    return item?.state === "declined" ? (
      <ItemState item={item} />
    ) : (
      <p class="task-word tone-bad">
        {gettext("This answer was not accepted. You can hand in another one.")}
      </p>
    );
  }
  return null;
}

/** @param {Task} task @param {TaskProgress["state"]} state */
function doneWords(task, state) {
  if (task.accept) return gettext("Right!");
  return state === "done" ? gettext("Done") : gettext("Handed in");
}
