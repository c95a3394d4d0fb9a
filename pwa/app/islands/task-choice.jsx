/** Choosing one option (radio) or several (checkboxes), each as large as a thumb. */

/**
 * @typedef {object} FieldProps what every kind of answer gets
 * @property {Task} task
 * @property {string} labelledBy id of the prompt
 * @property {string} [describedBy] ids of the hint and of what is wrong
 * @property {boolean} invalid
 */

/** @param {FieldProps & { value: string[], onChange: (value: string[]) => void }} props */
export function TaskChoice({ task, labelledBy, describedBy, invalid, value, onChange }) {
  const single = task.kind === "choice";
  /** @param {string} id @param {boolean} chosen */
  const choose = (id, chosen) => {
    if (single) return onChange([id]);
    onChange(chosen ? [...value, id] : value.filter((other) => other !== id));
  };
  return (
    <fieldset
      role={single ? "radiogroup" : "group"}
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
      aria-invalid={single && invalid ? true : undefined}
    >
      {(task.options ?? []).map((option) => (
        <label key={option.id} class="task-option">
          <input
            type={single ? "radio" : "checkbox"}
            name={task.id}
            value={option.id}
            checked={value.includes(option.id)}
            onChange={(event) => choose(option.id, event.currentTarget.checked)}
          />
          <span>{option.text}</span>
        </label>
      ))}
    </fieldset>
  );
}
