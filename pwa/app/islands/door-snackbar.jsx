/** What was just done, and for eight seconds the way back. */
import { useEffect } from "preact/hooks";
import { gettext } from "../i18n.js";

const SECONDS_8 = 8000;

/** @param {{ words: string, onUndo: () => Promise<unknown>, onGone: () => void }} props */
export function Snackbar({ words, onUndo, onGone }) {
  useEffect(() => {
    const timer = setTimeout(onGone, SECONDS_8);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="door-snackbar" role="status">
      <span>{words}</span>
      <button type="button" onClick={() => void onUndo().then(onGone)}>
        {gettext("Undo")}
      </button>
    </div>
  );
}
