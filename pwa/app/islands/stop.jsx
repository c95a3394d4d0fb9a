/** The tasks of a stop: how far the learner is here, each task with its answer, and where to go on. */
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { rememberStop } from "../actions/known.js";
import { gettext, ngettext } from "../i18n.js";
import { Notice } from "./notice.jsx";
import { OfTurn } from "./of-turn.jsx";
import { StopWays } from "./stop-ways.jsx";
import { TaskCard } from "./task.jsx";
import { useProgress } from "./use-progress.js";

/**
 * @typedef {object} StopProps
 * @property {ActivityRef & { playlists?: import("./stop-ways.jsx").PlaylistRef[] }} activity
 * @property {Task[]} tasks
 */

/**
 * @param {HTMLElement} element
 * @param {StopProps} props
 */
export function start(element, { activity, tasks }) {
  element.replaceChildren();
  render(
    <OfTurn>
      <Stop activity={activity} tasks={tasks} />
    </OfTurn>,
    element,
  );
}

/** @param {StopProps} props */
function Stop({ activity, tasks }) {
  const seen = useProgress(activity.id, tasks);
  const begun = typeof seen === "object" && seen.items.length > 0;
  useEffect(() => {
    if (begun) void rememberStop(activity, tasks);
  }, [begun]);
  if (!seen) return null;
  const { progress, items } = seen === "closed" ? { progress: null, items: [] } : seen;
  const done = tasks.filter((task) => isDone(progress?.tasks[task.id]));
  const newest = (/** @type {Task} */ task) =>
    items.find((item) =>
      task.kind === "checkin" ? item.type === "checkin.scan" : item.body.task === task.id,
    );
  return (
    <>
      {seen === "closed" && (
        <Notice tone="warn" title={gettext("Nothing can be kept on this device")}>
          <p>
            {gettext(
              "This browser does not let us keep anything: it may be a private window, or the device is full. Open this page in a normal window to do its tasks.",
            )}
          </p>
        </Notice>
      )}
      {tasks.length > 0 && (
        <StopProgress done={done.length} total={tasks.length} settled={progress?.state === "done"} />
      )}
      <ol class="tasks">
        {tasks.map((task, index) => (
          <TaskCard
            key={task.id}
            task={task}
            position={index + 1}
            activity={activity.id}
            progress={progress?.tasks[task.id]}
            item={newest(task)}
          />
        ))}
      </ol>
      {tasks.length > 0 && done.length === tasks.length && <StopWays activity={activity} />}
    </>
  );
}

/** @param {{ done: number, total: number, settled: boolean }} props */
function StopProgress({ done, total, settled }) {
  return (
    <div class="stop-progress">
      <p role="status">
        {settled
          ? gettext("This stop is done")
          : ngettext("%(done)s of %(num)s done", "%(done)s of %(num)s done", total, { done })}
      </p>
      <div class="stop-progress-bar" aria-hidden="true">
        {Array.from({ length: total }, (_, index) => (
          <span key={index} class={index < done ? "is-done" : undefined} />
        ))}
      </div>
    </div>
  );
}

/** @param {TaskProgress | undefined} progress */
function isDone(progress) {
  return progress?.state === "waiting" || progress?.state === "received" || progress?.state === "done";
}
