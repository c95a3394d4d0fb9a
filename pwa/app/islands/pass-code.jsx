/** The code of a pass on white, whatever the room is like, and how long it is the newest. */
import { useEffect, useRef, useState } from "preact/hooks";
import { STEP_MS } from "../actions/codes.js";
import { showsName } from "../actions/pass.js";
import { gettext, ngettext } from "../i18n.js";
import { Notice } from "./notice.jsx";
import { QrCode } from "./qr-code.jsx";
import { useLive } from "./use-live.js";
import { usePass } from "./use-pass.js";

/** @param {{ one: import("../store/people.js").Someone }} props */
export function PassCode({ one: { learner, name } }) {
  const named = useLive(() => showsName(learner), ["settings"], [learner]) ?? false;
  const shown = usePass(learner, named);
  const [large, setLarge] = useState(false);
  if (shown === "failed") return <Notice tone="bad" title={gettext("The pass could not be made. Please open the page again.")} />;
  const label = name ? gettext("Pass of %(name)s, a QR code for the people at the door", { name }) : gettext("Your pass, a QR code for the people at the door");
  return (
    <div class="pass-sheet">
      {/* A tap on the code is a short cut; the button says and does the same. */}
      <div class="pass-qr" onClick={() => setLarge(true)}>
        {shown && <QrCode class="pass-code" text={shown.address} label={label} />}
      </div>
      {shown && <Countdown until={shown.until} />}
      <button type="button" class="pass-larger" onClick={() => setLarge(true)}>
        {gettext("Show it larger")}
      </button>
      {large && shown && <Larger text={shown.address} label={label} onClose={() => setLarge(false)} />}
    </div>
  );
}

/** The code and nothing else, as large as the screen: for a camera that cannot come near. @param {{ text: string, label: string, onClose: () => void }} props */
function Larger({ text, label, onClose }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="pass-large" aria-label={label} onClose={onClose}>
      <QrCode class="pass-large-qr" text={text} label={label} />
      <button type="button" class="button" onClick={() => dialog.current?.close()}>
        {gettext("Close")}
      </button>
    </dialog>
  );
}

/** Calm: nothing here moves but a bar, and nobody is read seconds to. @param {{ until: number }} props */
function Countdown({ until }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [until]);
  const left = Math.min(Math.max(0, until - now), STEP_MS);
  return (
    <div class="pass-left">
      <span class="hidden">{gettext("It is renewed every 30 seconds by itself.")}</span>
      <div class="pass-bar" aria-hidden="true">
        <div style={{ inlineSize: `${(100 * left) / STEP_MS}%` }} />
      </div>
      <p aria-hidden="true">{secondsWords(Math.ceil(left / 1000))}</p>
    </div>
  );
}

/** @param {number} left */
const secondsWords = (left) => ngettext("A new code in %(num)s second", "A new code in %(num)s seconds", left);
