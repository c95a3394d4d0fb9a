/** What is being written in a task: kept on the phone with each keystroke, back again after a closed browser. */
import { useEffect, useRef, useState } from "preact/hooks";
import { draft, putDraft } from "../store/drafts.js";
import { turn } from "./of-turn.jsx";

/**
 * @template T
 * @param {string} task
 * @param {T} initial
 * @returns {[T, (value: T) => void]}
 */
export function useDraft(task, initial) {
  const [value, setValue] = useState(initial);
  const [begun] = useState(() => turn.peek());

  const touched = useRef(false);

  useEffect(() => {
    draft(task, begun).then(
      (kept) => {
        if (kept !== undefined && !touched.current) setValue(kept);
      },
      () => undefined, // no store: handing in will say so, writing still works
    );
  }, [task]);

  return [
    value,
    (next) => {
      touched.current = true;
      setValue(next);
      putDraft(task, next, begun).catch(() => undefined);
    },
  ];
}
