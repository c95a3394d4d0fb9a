/** A few sentences, with what is left to write when there is a limit. */
import { ngettext } from "../i18n.js";

/** @param {import("./task-choice.jsx").FieldProps & { value: string, onChange: (value: string) => void }} props */
export function TaskText({ task, labelledBy, describedBy, invalid, value, onChange }) {
  const counter = task.max_length ? `${task.id}-counter` : undefined;
  const left = (task.max_length ?? 0) - [...value].length;
  return (
    <div>
      <textarea
        rows={4}
        dir="auto"
        aria-labelledby={labelledBy}
        aria-describedby={[describedBy, counter].filter(Boolean).join(" ") || undefined}
        aria-invalid={invalid}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      {counter && (
        <p id={counter} class="task-counter">
          {left >= 0
            ? ngettext("%(num)s character left", "%(num)s characters left", left)
            : ngettext("%(num)s character too many", "%(num)s characters too many", -left)}
        </p>
      )}
    </div>
  );
}
