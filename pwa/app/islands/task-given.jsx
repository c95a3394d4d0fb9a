/** What was answered, shown back in the learner's own words. */
import { gettext } from "../i18n.js";
import { usePart } from "./use-part.js";

/** @param {{ task: Task, item: OutboxItem }} props */
export function TaskGiven({ task, item }) {
  const files = usePart(item.blobs.length > 0, () => import("./files.js"));
  const words = givenWords(task, item.body);
  return (
    <div class="task-given">
      <p class="task-note">{gettext("Your answer")}</p>
      {words.map((word) => (
        <p key={word} dir="auto">
          {word}
        </p>
      ))}
      {files && <files.GivenFiles item={item} />}
    </div>
  );
}

/**
 * @param {Task} task
 * @param {Record<string, any>} body of the event that carried the answer
 * @returns {string[]}
 */
function givenWords(task, body) {
  const { answer, text } = body;
  if (answer?.choices) {
    return (task.options ?? []).filter(({ id }) => answer.choices.includes(id)).map((option) => option.text);
  }
  if (answer?.number) return [task.unit ? `${answer.number} ${task.unit}` : answer.number];
  return [answer?.text ?? text].filter(Boolean);
}
