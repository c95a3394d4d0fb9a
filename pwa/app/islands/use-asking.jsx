/** One tap that asks for something: once at a time, a word when it could not be kept, and the focus where the button was. */
import { useEffect, useRef, useState } from "preact/hooks";
import { gettext } from "../i18n.js";
import { Notice } from "./notice.jsx";

/**
 * @param {() => Promise<unknown>} work
 * @param {boolean} asked whether it stands here as asked for, so that the button has gone
 */
export function useAsking(work, asked) {
  const [problem, setProblem] = useState(false);
  const [busy, setBusy] = useState(false);
  const room = useRef(/** @type {HTMLDivElement | null} */ (null));
  const tapped = useRef(false);
  useEffect(() => {
    if (tapped.current) room.current?.focus();
  }, [asked]);
  const ask = async () => {
    if (busy) return;
    setBusy(true);
    setProblem(false);
    tapped.current = true;
    await work().catch((error) => {
      console.warn(error);
      setProblem(true);
    });
    setBusy(false);
  };
  return { ask, busy, problem, room };
}

/** The word when it could not be kept; a room for it stands there from the start, so that it is read out. @param {{ shown: boolean }} props */
export function NotKept({ shown }) {
  return (
    <div role="alert">
      {shown && (
        <Notice tone="bad" title={gettext("Not saved")}>
          <p>{gettext("This browser does not let us keep anything on the device: it may be a private window, or the device is full.")}</p>
        </Notice>
      )}
    </div>
  );
}
