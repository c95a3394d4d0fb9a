/** My pass: what the people at a door scan, one for each learner of this phone; and what the door answers. */
import "../load/visiting.js";
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { prepareForOffline } from "../actions/app-worker.js";
import { beginPass } from "../actions/pass.js";
import { gettext, language } from "../i18n.js";
import { everyone } from "../store/people.js";
import { Notice } from "./notice.jsx";
import { PassAnswer } from "./pass-answer.jsx";
import { PassCode } from "./pass-code.jsx";
import { PassConsent } from "./pass-consent.jsx";
import { Confirmations } from "./pass-confirmations.jsx";
import { PassTurner } from "./pass-turner.jsx";
import { swipes } from "./swipes.js";
import { useAwake } from "./use-awake.js";
import { useLive } from "./use-live.js";

/** @typedef {import("../store/people.js").Someone} Someone */

/** @param {HTMLElement} element */
export function start(element) {
  element.replaceChildren();
  render(<Passes />, element);
}

function Passes() {
  const all = useLive(everyone, ["people", "device", "settings"]);
  const [chosen, setChosen] = useState(/** @type {string | null} */ (null));
  if (all === undefined) return null;
  if (all === null) return <Notice tone="warn" title={gettext("Nothing can be kept on this device")} />;
  if (!all.length) return <Begin />;
  const wanted = all.findIndex((one) => (chosen ? one.learner === chosen : one.atWork));
  const place = Math.max(0, wanted);
  /** @param {number} by */
  const turn = (by) => setChosen(all[(place + by + all.length) % all.length].learner);
  return (
    <div class="passes" {...(all.length > 1 && swipes(turn))}>
      <PassTurner all={all} place={place} onTurn={turn} />
      {all[place].locked && !all[place].atWork ? (
        <Locked one={all[place]} />
      ) : (
        <Pass key={all[place].learner} one={all[place]} />
      )}
    </div>
  );
}

/** Nothing is written on this phone before somebody asks for it. */
function Begin() {
  const [failed, setFailed] = useState(false);
  return (
    <div class="stack">
      <p class="lead">{gettext("A pass is a code that your phone makes. The people at the door of an activity scan it, and you are checked in: no account, and no network needed.")}</p>
      <p>
        <button type="button" class="button" onClick={() => beginPass().catch(() => setFailed(true))}>
          {gettext("Make my pass")}
        </button>
      </p>
      <div role="alert">{failed && <Notice tone="warn" title={gettext("Nothing can be kept on this device")} />}</div>
    </div>
  );
}

/** @param {{ one: Someone }} props */
function Locked({ one: { name } }) {
  return (
    <Notice
      sign="device"
      title={gettext("%(name)s has a PIN", { name })}
      ways={
        <a class="button" href={`/${language()}/people`}>
          {gettext("It's %(name)s's turn", { name })}
        </a>
      }
    >
      <p>{gettext("This pass is shown when it is their turn.")}</p>
    </Notice>
  );
}

/** @param {{ one: Someone }} props */
function Pass({ one }) {
  const [scanning, setScanning] = useState(false);
  const way = useRef(/** @type {HTMLButtonElement | null} */ (null));
  useAwake();
  // The door may be where there is no signal: what reads its answer must be here before.
  useEffect(() => void prepareForOffline({ decoder: true }), []);
  const back = () => {
    setScanning(false);
    requestAnimationFrame(() => way.current?.focus());
  };
  if (scanning) return <PassAnswer learner={one.learner} onDone={back} />;
  return (
    <div class="pass">
      <PassCode one={one} />
      <div class="pass-side">
        <Confirmations learner={one.learner} />
        <p>{gettext("Show this to the people at the door. When their phone has read it, it shows a code back. Scan that, and your own phone holds the proof, even with no network.")}</p>
        <p>
          <button ref={way} type="button" class="button" onClick={() => setScanning(true)}>
            {gettext("Scan the door's answer")}
          </button>
        </p>
        <PassConsent one={one} />
      </div>
    </div>
  );
}
