/** The form of a task: keeps what is written, says what is missing, and hands the answer in. */
import { useRef, useState } from "preact/hooks";
import { readNumber } from "../actions/read-number.js";
import { answer, handIn } from "../actions/tasks.js";
import { gettext, ngettext } from "../i18n.js";
import { turn } from "./of-turn.jsx";
import { TaskChoice } from "./task-choice.jsx";
import { TaskFiles } from "./task-files.jsx";
import { TaskNumber } from "./task-number.jsx";
import { TaskText } from "./task-text.jsx";
import { useDraft } from "./use-draft.js";

/** Kinds of tasks in which files are handed in. */
const takesFiles = (/** @type {Task} */ task) => task.kind === "photo" || task.kind === "audio";

/**
 * @param {{
 *   task: Task,
 *   activity: string,
 *   prompt: string,
 *   given: OutboxItem | undefined,
 *   tried: boolean,
 *   onGiven: () => void,
 *   onCancel?: () => void,
 * }} props prompt: id of the question · tried: the last answer was wrong
 */
export function TaskForm({ task, activity, prompt, given, tried, onGiven, onCancel }) {
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const [value, setValue] = useDraft(task.id, startValue(task, given));
  const [complaint, setComplaint] = useState("");
  const [busy, setBusy] = useState(false);
  const [begun] = useState(() => turn.peek());
  const hint = task.hint && (tried || !task.accept) ? `${task.id}-hint` : undefined;
  const wrong = complaint ? `${task.id}-wrong` : undefined;

  const focusField = () => {
    const fields = /** @type {NodeListOf<HTMLElement> | undefined} */ (
      form.current?.querySelectorAll("input, textarea")
    );
    (
      [...(fields ?? [])].find((field) => field instanceof HTMLInputElement && field.checked) ?? fields?.[0]
    )?.focus();
  };

  /** @param {Event} event */
  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    const missing = missingWords(task, value);
    setComplaint(missing);
    if (missing) return focusField();
    setBusy(true);
    try {
      const verdict = await give(task, activity, value, begun);
      if (verdict === "wrong") focusField();
      else onGiven();
    } catch (error) {
      console.warn(error);
      setComplaint(
        gettext(
          "Not saved: this browser does not let us keep anything on the device. It may be a private window, or the device is full.",
        ),
      );
    } finally {
      setBusy(false);
    }
  };

  /** @param {any} next */
  const change = (next) => {
    setComplaint("");
    setValue(next);
  };

  const field = {
    task,
    labelledBy: prompt,
    describedBy: [hint, wrong].filter(Boolean).join(" ") || undefined,
    invalid: complaint !== "",
    value,
    onChange: change,
  };
  return (
    <form ref={form} noValidate onSubmit={submit}>
      {hint && (
        <p id={hint} class="task-note" dir="auto">
          {task.hint}
        </p>
      )}
      {(task.kind === "choice" || task.kind === "choices") && <TaskChoice {...field} />}
      {task.kind === "number" && <TaskNumber {...field} />}
      {task.kind === "text" && <TaskText {...field} />}
      {takesFiles(task) && <TaskFiles {...field} value={asFiles(value)} />}
      <div class="task-standing" role="alert">
        {complaint && (
          <p id={wrong} class="task-word tone-bad">
            {complaint}
          </p>
        )}
      </div>
      <div class="task-ways">
        <button type="submit" class="button" aria-disabled={busy}>
          {task.accept ? gettext("Check my answer") : gettext("Hand in")}
        </button>
        {onCancel && (
          <button type="button" class="button button-quiet" onClick={onCancel}>
            {gettext("Leave it as it was")}
          </button>
        )}
      </div>
    </form>
  );
}

/**
 * @param {Task} task
 * @param {string} activity
 * @param {any} value
 * @param {import("../store/device.js").Turn} [begun] it is the work of whoever opened the form
 * @returns {Promise<"right" | "wrong" | "open">}
 */
async function give(task, activity, value, begun) {
  if (takesFiles(task)) {
    await handIn({ task: task.id, activity, files: asFiles(value), begun });
    return "open";
  }
  const { verdict } = await answer({ task, activity, answer: asAnswer(task, value), begun });
  return verdict;
}

/** @param {Task} task @param {any} value @returns {Answer} */
function asAnswer(task, value) {
  if (task.kind === "number") return { number: readNumber(value, task.step) ?? "" };
  if (task.kind === "text") return { text: value.trim() };
  return { choices: [...value].sort() };
}

/**
 * A draft of before there could be several files has one, or null.
 * @param {any} value
 * @returns {import("../actions/files.js").TakenFile[]}
 */
function asFiles(value) {
  return Array.isArray(value) ? value : value?.bytes ? [{ id: "0", name: "", ...value }] : [];
}

/** Begin with the answer given before, so that changing a word does not mean writing it all again. */
function startValue(/** @type {Task} */ task, /** @type {OutboxItem | undefined} */ given) {
  const earlier = given?.body.answer;
  if (takesFiles(task)) return [];
  if (task.kind === "number") return earlier?.number ?? "";
  if (task.kind === "text") return earlier?.text ?? given?.body.text ?? "";
  return earlier?.choices ?? [];
}

/**
 * What is still missing, in words; empty when it can be handed in.
 * @param {Task} task
 * @param {any} value
 */
function missingWords(task, value) {
  switch (task.kind) {
    case "choice":
      return value.length ? "" : gettext("Choose one of the answers.");
    case "choices":
      return value.length ? "" : gettext("Choose at least one answer.");
    case "number":
      if (!value.trim()) return gettext("Write a number.");
      return readNumber(value, task.step) === null
        ? gettext("This is not a number. Write it like 12 or 12,5.")
        : "";
    case "text": {
      if (!value.trim()) return gettext("Write a few words.");
      const over = task.max_length ? [...value.trim()].length - task.max_length : 0;
      return over > 0 ? ngettext("%(num)s character too many.", "%(num)s characters too many.", over) : "";
    }
    case "photo":
      return asFiles(value).length ? "" : gettext("Take or choose a photo first.");
    case "audio":
      return asFiles(value).length ? "" : gettext("Record or choose a sound first.");
    default:
      return "";
  }
}
