/** What was answered, shown back in the learner's own words. */
import { useEffect, useState } from "preact/hooks";
import { gettext } from "../i18n.js";
import { storedBlob } from "../store/blobs.js";
import { Picture } from "./task-photo.jsx";

/** @param {{ task: Task, item: OutboxItem }} props */
export function TaskGiven({ task, item }) {
  const hash = item.blobs[0]?.sha256;
  const words = givenWords(task, item.body);
  return (
    <div class="task-given">
      <p class="task-note">{gettext("Your answer")}</p>
      {words.map((word) => (
        <p key={word} dir="auto">
          {word}
        </p>
      ))}
      {hash && <StoredPicture hash={hash} />}
    </div>
  );
}

/** @param {{ hash: string }} props */
function StoredPicture({ hash }) {
  const [photo, setPhoto] = useState(/** @type {StoredBlob | undefined} */ (undefined));
  useEffect(() => {
    storedBlob(hash).then(setPhoto, () => undefined);
  }, [hash]);
  return photo ? <Picture photo={photo} alt={gettext("Your photo")} /> : null;
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
