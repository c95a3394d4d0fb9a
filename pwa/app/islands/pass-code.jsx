/** The code of a pass on white, whatever the room is like, and how long it is the newest. */
import { useEffect, useState } from "preact/hooks";
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
  if (shown === "failed") return <Notice tone="bad" title={gettext("The pass could not be made. Please open the page again.")} />;
  const label = name ? gettext("Pass of %(name)s, a QR code for the people at the door", { name }) : gettext("Your pass, a QR code for the people at the door");
  return (
    <div class="pass-sheet">
      {shown ? <QrCode class="pass-qr" text={shown.address} label={label} /> : <div class="pass-qr" />}
      {shown && <Countdown until={shown.until} />}
    </div>
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
