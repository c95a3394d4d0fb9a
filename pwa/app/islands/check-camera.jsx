/** On the page that checks badges: reads a badge's code by the camera, fills in the form and sends it. */
import "../load/visiting.js";
import { render } from "preact";
import { useState } from "preact/hooks";
import { gettext } from "../i18n.js";
import { CameraTroubleNotice } from "./camera-trouble.jsx";
import { loadDecoder } from "./decoder.js";
import { Viewfinder } from "./viewfinder.jsx";

/** @param {HTMLElement} element inside the form */
export function start(element) {
  const form = element.closest("form");
  const field = form?.querySelector("textarea");
  if (!form || !field) return;
  /** @param {string} text */
  const check = (text) => {
    field.value = text;
    form.requestSubmit();
  };
  element.replaceChildren();
  render(<CheckCamera onText={check} />, element);
}

/** @param {{onText: (text: string) => void}} props */
function CheckCamera({ onText }) {
  const [live, setLive] = useState(false);
  const [trouble, setTrouble] = useState(/** @type {import("./use-camera.js").Trouble | null} */ (null));
  const begin = () => {
    setTrouble(null);
    setLive(true);
  };
  if (trouble) return <CameraTroubleNotice reason={trouble} onRetry={begin} />;
  if (!live) {
    return (
      <button type="button" class="button button-quiet" onClick={begin}>
        {gettext("Read its code with the camera")}
      </button>
    );
  }
  const read = (/** @type {string} */ text) => {
    setLive(false);
    onText(text);
  };
  const fail = (/** @type {import("./use-camera.js").Trouble} */ reason) => {
    setLive(false);
    setTrouble(reason);
  };
  return <Viewfinder loadDecoder={loadDecoder} onText={read} onTrouble={fail} onClose={() => setLive(false)} />;
}
