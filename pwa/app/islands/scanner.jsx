/** The scanner's page: the live camera, a picture, or the typed code; each ends in a check-in kept on this phone. */
import "../load/visiting.js";
import { render } from "preact";
import { useRef, useState } from "preact/hooks";
import { wayToClass } from "../actions/classes.js";
import { wayToDoor } from "../actions/door-links.js";
import { wayIn } from "../actions/enter.js";
import { ownHosts } from "../actions/own-address.js";
import { checkInTyped, scan } from "../actions/scan.js";
import { gettext } from "../i18n.js";
import { Ask } from "./ask.jsx";
import { CameraTroubleNotice } from "./camera-trouble.jsx";
import { loadDecoder, textIn } from "./decoder.js";
import { FileWay } from "./file-way.jsx";
import { Sign } from "./icons.jsx";
import { OfTurn } from "./of-turn.jsx";
import { ScanOutcome } from "./scan-outcome.jsx";
import { TypedCode } from "./typed-code.jsx";
import { useCamera } from "./use-camera.js";
import { Viewfinder } from "./viewfinder.jsx";

/** @typedef {import("../actions/scan.js").How} How */
/** @typedef {import("./scan-outcome.jsx").Shown | import("./ask.jsx").Question} Outcome */

/** @param {HTMLElement} element */
export function start(element) {
  element.replaceChildren();
  render(
    <OfTurn>
      <Scanner />
    </OfTurn>,
    element,
  );
}

function Scanner() {
  const camera = useCamera();
  const { mode, trouble } = camera;
  const [shown, setShown] = useState(/** @type {Outcome | null} */ (null));
  const [busy, setBusy] = useState(false);
  // What the last tap asked for, to be asked again: after a failure, "anyway", or with the answer to a question.
  const last = useRef((/** @type {How} */ _how) => {});
  const reading = useRef(false);

  const live = () => {
    setShown(null);
    camera.start();
  };

  /**
   * @param {(how: How) => Promise<Outcome>} work
   * @param {How} [how]
   */
  const attempt = async (work, how = {}) => {
    if (reading.current) return; // the camera reads the same code in many frames
    reading.current = true;
    last.current = (more) => void attempt(work, { ...how, ...more });
    setBusy(true);
    const outcome = await work(how).catch(unsaved);
    setBusy(false);
    reading.current = false;
    if (outcome.is === "invitation") return location.assign(outcome.url);
    if (outcome.is === "checked-in") navigator.vibrate?.(60);
    camera.stop();
    setShown(outcome);
  };

  /** @param {string} text */
  const read = (text) => {
    const way = wayToDoor(text, ownHosts()) ?? wayIn(text, ownHosts()) ?? wayToClass(text, ownHosts());
    return way ? location.assign(way) : attempt((how) => scan(text, { hosts: ownHosts(), ...how }));
  };

  /** @param {File} file */
  const readFile = async (file) => {
    setShown(null);
    camera.stop();
    setBusy(true);
    const text = await textIn(file);
    setBusy(false);
    if (typeof text === "string") return read(text);
    if (text.is === "decoder") camera.setTrouble("decoder");
    else setShown(text);
  };

  return (
    <div class="scanner">
      <p class="hidden" role="status">
        {busy ? gettext("Reading…") : ""}
      </p>
      {shown && (shown.is === "where" || shown.is === "who") && (
        <Ask
          key={shown.is}
          question={shown}
          onPlace={(place) => last.current({ place })}
          onFail={() => setShown({ is: "unsaved" })}
          onAgain={live}
        />
      )}
      {shown && shown.is !== "where" && shown.is !== "who" && (
        <ScanOutcome
          shown={shown}
          onRetry={() => last.current({})}
          onAnyway={() => last.current({ anyway: true })}
          onAgain={live}
        />
      )}
      {trouble && mode !== "typing" && <CameraTroubleNotice reason={trouble} onRetry={live} />}
      {mode === "live" && (
        <Viewfinder loadDecoder={loadDecoder} onText={read} onClose={camera.stop} onTrouble={camera.fail} />
      )}
      {mode === "idle" && !shown && !trouble && <Invitation busy={busy} onStart={live} />}
      {mode === "typing" && <TypedCode busy={busy} onCode={(typed) => attempt((how) => checkInTyped(typed, how))} />}
      <div class="scanner-ways">
        {mode === "typing" && (
          <button type="button" class="button button-quiet" onClick={live}>
            {gettext("Use the camera")}
          </button>
        )}
        <FileWay label={gettext("Read a picture")} onFile={readFile} />
        {mode !== "typing" && (
          <button
            type="button"
            class="button button-quiet"
            onClick={() => {
              setShown(null);
              camera.setMode("typing");
            }}
          >
            {gettext("Type the code")}
          </button>
        )}
      </div>
    </div>
  );
}

/** @param {{ busy: boolean, onStart: () => void }} props */
function Invitation({ busy, onStart }) {
  return (
    <div class="scanner-stage">
      <div class="scanner-invite">
        <Sign name="code" />
        <p>
          {busy
            ? gettext("Reading…")
            : gettext("Point the camera at the code of a stop. Nothing is filmed or kept.")}
        </p>
        <button type="button" class="button button-sun" onClick={onStart}>
          {gettext("Start the camera")}
        </button>
      </div>
    </div>
  );
}

/**
 * @param {unknown} error
 * @returns {{is: "unsaved"}}
 */
function unsaved(error) {
  console.warn(error);
  return { is: "unsaved" };
}
