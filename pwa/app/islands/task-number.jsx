/** A number with its unit, written with a comma or a dot. */

/** @param {import("./task-choice.jsx").FieldProps & { value: string, onChange: (value: string) => void }} props */
export function TaskNumber({ task, labelledBy, describedBy, invalid, value, onChange }) {
  const unit = task.unit ? `${task.id}-unit` : undefined;
  return (
    <div class="task-field">
      <input
        type="text"
        inputMode="decimal"
        autocomplete="off"
        size={8}
        aria-labelledby={unit ? `${labelledBy} ${unit}` : labelledBy}
        aria-describedby={describedBy}
        aria-invalid={invalid}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      {task.unit && <span id={unit}>{task.unit}</span>}
    </div>
  );
}
