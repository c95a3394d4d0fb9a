/** Scanning passes, one after the other: the camera stays on, and each answer fills the screen below it. */
import { useRef, useState } from "preact/hooks";
import { decide } from "../actions/door-decide.js";
import { clockOf } from "../actions/door-code.js";
import { letIn, setLoud, takeBack } from "../actions/door.js";
import { lookAtCode } from "../actions/door-pass.js";
import { ownHosts } from "../actions/own-address.js";
import { gettext } from "../i18n.js";
import { CameraTroubleNotice } from "./camera-trouble.jsx";
import { loadDecoder } from "./decoder.js";
import { DoorSign } from "./door-icons.jsx";
import { DoorResult, toneOf } from "./door-result.jsx";
import { allowSound, signal } from "./door-signals.js";
import { useAwake } from "./use-awake.js";
import { useCamera } from "./use-camera.js";
import { Viewfinder } from "./viewfinder.jsx";

/** @typedef {import("./door-result.jsx").Shown} Shown */

/** A code that stays before the camera is read once: so long must it have been away to be read again. */
const AWAY_MS = 4000;

/** @param {import("./door-room.jsx").Seen & { loud: boolean, onGuest: () => void }} props */
export function DoorScan({ door, view, loud, onGuest }) {
  const camera = useCamera();
  const { mode, trouble } = camera;
  const [shown, setShown] = useState(/** @type {Shown | null} */ (null));
  const last = useRef({ key: "", at: 0 });
  const busy = useRef(false);
  useAwake();

  /** @param {Shown | null} next */
  const show = (next) => {
    setShown(next);
    if (next) signal(toneOf(next), loud);
  };

  /**
   * @param {import("../actions/door-pass.js").SeenPass} pass
   * @param {import("../actions/door-decide.js").Agreed[]} agreed
   */
  const answer = async (pass, agreed) => {
    const decision = decide(view, pass, agreed);
    if (decision.is !== "in") return show({ ...decision, pass, agreed });
    busy.current = true;
    try {
      const { id } = await letIn(door, { pass: pass.pass }, decision.local);
      show({ is: "in", pass, event: id, over: decision.local === "over" });
    } catch (error) {
      console.warn(error);
      show({ is: "unsaved", pass, agreed });
    } finally {
      busy.current = false;
    }
  };

  /** @param {string} text */
  const read = (text) => {
    const seen = lookAtCode(text, { hosts: ownHosts(), now: clockOf(door) });
    const key = seen.is === "pass" ? seen.device : text;
    const [before, now] = [last.current, performance.now()];
    last.current = { key, at: now };
    if (busy.current || asks(shown) || (before.key === key && now - before.at < AWAY_MS)) return;
    if (seen.is === "pass") void answer(seen, []);
    else show({ is: "other", seen });
  };

  const live = () => {
    allowSound();
    last.current = { key: "", at: 0 };
    camera.start();
  };

  return (
    <div class="door-scan" data-shown={Boolean(shown)} onPointerDown={allowSound}>
      {mode === "live" && (
        <Viewfinder loadDecoder={loadDecoder} onText={read} onClose={camera.stop} onTrouble={camera.fail} />
      )}
      {mode === "idle" && trouble && <NoCamera reason={trouble} onRetry={live} onList={onGuest} />}
      {mode === "idle" && !trouble && <Invitation onStart={live} onGuest={onGuest} />}
      <DoorResult
        door={door}
        view={view}
        shown={shown}
        onAgree={(pass, agreed) => answer(pass, agreed)}
        onUndo={(event) => takeBack(door, { event }).then(() => show(null))}
        onNext={() => show(null)}
      />
      <button type="button" class="door-loud" aria-pressed={loud} onClick={() => void setLoud(!loud)}>
        <DoorSign name={loud ? "sound" : "mute"} />
        {loud ? gettext("Sound on") : gettext("Sound off")}
      </button>
    </div>
  );
}

/** Somebody must say yes or no before the next one is read: nobody is dropped in silence. @param {Shown | null} shown */
const asks = (shown) => shown?.is === "full" || shown?.is === "old" || shown?.is === "unsaved";

/** @param {{ onStart: () => void, onGuest: () => void }} props */
function Invitation({ onStart, onGuest }) {
  return (
    <div class="scanner-stage">
      <div class="scanner-invite">
        <DoorSign name="scan" />
        <p>{gettext("Scan the pass on people's phones. Nothing is filmed or kept.")}</p>
        <button type="button" class="button button-sun" onClick={onStart}>
          {gettext("Start the camera")}
        </button>
        <button type="button" class="door-text-way" onClick={onGuest}>
          {gettext("No camera? Tick names in the list")}
        </button>
      </div>
    </div>
  );
}

/** @param {{ reason: import("./use-camera.js").Trouble, onRetry: () => void, onList: () => void }} props */
function NoCamera({ reason, onRetry, onList }) {
  return (
    <div class="stack">
      <CameraTroubleNotice reason={reason} onRetry={onRetry} plain />
      <button type="button" class="button" onClick={onList}>
        {gettext("Let people in from the list")}
      </button>
    </div>
  );
}
