/** Reading what the door's phone shows back, so that the learner's own phone holds the proof. */
import { useEffect, useRef, useState } from "preact/hooks";
import { takeAnswer } from "../actions/pass.js";
import { gettext } from "../i18n.js";
import { CameraTroubleNotice } from "./camera-trouble.jsx";
import { loadDecoder, textIn } from "./decoder.js";
import { FileWay } from "./file-way.jsx";
import { Notice } from "./notice.jsx";
import { Viewfinder } from "./viewfinder.jsx";

/** @typedef {import("../scanner/camera.js").Trouble | "decoder"} Trouble */
/** @typedef {Exclude<import("../actions/pass.js").Answer["is"], "kept"> | "nothing" | "unreadable" | "unsaved"} Complaint */

/** @param {{ learner: string, onDone: () => void }} props */
export function PassAnswer({ learner, onDone }) {
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  const reading = useRef(false);
  const [trouble, setTrouble] = useState(/** @type {Trouble | null} */ (null));
  const [complaint, setComplaint] = useState(/** @type {Complaint | null} */ (null));
  useEffect(() => heading.current?.focus(), []);

  /** @param {string} text */
  const read = async (text) => {
    if (reading.current) return; // the camera reads the same code in many frames
    reading.current = true;
    const answer = await takeAnswer(text, learner).catch(unsaved);
    reading.current = false;
    if (answer.is !== "kept") return setComplaint(answer.is);
    navigator.vibrate?.(60);
    onDone();
  };
  /** @param {File} file */
  const readFile = async (file) => {
    setComplaint(null);
    const text = await textIn(file);
    if (typeof text === "string") return read(text);
    if (text.is === "decoder") setTrouble("decoder");
    else setComplaint(text.is);
  };
  const again = () => {
    setComplaint(null);
    setTrouble(null);
  };
  return (
    <div class="stack scanner">
      <h2 ref={heading} tabIndex={-1}>
        {gettext("Scan the door's answer")}
      </h2>
      <div role="alert">{complaint && <Complained what={complaint} onAgain={again} />}</div>
      {trouble && <CameraTroubleNotice reason={trouble} onRetry={again} />}
      {!trouble && !complaint && (
        <Viewfinder loadDecoder={loadDecoder} onText={read} onClose={onDone} onTrouble={setTrouble} />
      )}
      <div class="scanner-ways">
        <button type="button" class="button button-quiet" onClick={onDone}>
          {gettext("Back to the pass")}
        </button>
        <FileWay label={gettext("Read a picture")} onFile={readFile} />
      </div>
    </div>
  );
}

/** @param {unknown} error @returns {{ is: "unsaved" }} */
function unsaved(error) {
  console.warn(error);
  return { is: "unsaved" };
}

/** @param {{ what: Complaint, onAgain: () => void }} props */
function Complained({ what, onAgain }) {
  const { title, words } = complaintWords(what);
  return (
    <Notice
      tone="warn"
      title={title}
      ways={
        <button type="button" class="button button-quiet" onClick={onAgain}>
          {gettext("Try again")}
        </button>
      }
    >
      {words && <p>{words}</p>}
    </Notice>
  );
}

/**
 * @param {Complaint} what
 * @returns {{ title: string, words?: string }}
 */
function complaintWords(what) {
  switch (what) {
    case "unsaved":
      return { title: gettext("Not saved. Please try again.") };
    case "unreadable":
      return { title: gettext("This picture cannot be opened here") };
    case "nothing":
      return { title: gettext("There is no QR code in this picture") };
    case "newer":
      return { title: gettext("Please update"), words: gettext("This code is of a kind that this version does not know yet. Open this page again when you are online, then scan once more.") };
    case "foreign":
      return { title: gettext("This code is not from %(host)s", { host: location.host }) };
    default:
      return {
        title: gettext("This is not a door's answer"),
        words: gettext("The answer is the code on the phone of the people at the door, after it has read your pass."),
      };
  }
}
