/** Whether a pass shows the learner's name and picture: off until they agree, asked once in plain words, taken back at any time. */
import { useEffect, useRef, useState } from "preact/hooks";
import { agree, consent } from "../actions/pass.js";
import { gettext, language } from "../i18n.js";
import { useLive } from "./use-live.js";

/** @param {{ one: import("../store/people.js").Someone }} props */
export function PassConsent({ one: { learner, name } }) {
  const said = useLive(() => consent(learner), ["settings"], [learner]);
  const [asking, setAsking] = useState(false);
  if (!name) return <Nameless />;
  const on = said === "yes";
  const change = () => (said ? void agree(learner, !on) : setAsking(true));
  return (
    <div class="pass-consent">
      <button type="button" class="switch" role="switch" aria-checked={on} aria-describedby="pass-consent-words" onClick={change}>
        <span class="switch-mark" aria-hidden="true" />
        {gettext("Show my name and picture")}
      </button>
      <p id="pass-consent-words" class="muted">
        {on
          ? gettext("The people at the door see your name and picture. The code is larger now: without them it is easier to scan.")
          : gettext("The people at the door see neither your name nor your picture.")}
      </p>
      {asking && !said && (
        <Question
          onAnswer={(yes) => {
            setAsking(false);
            if (yes) void agree(learner, true);
          }}
        />
      )}
    </div>
  );
}

/** @param {{ onAnswer: (yes: boolean) => void }} props */
function Question({ onAnswer }) {
  const question = useRef(/** @type {HTMLParagraphElement | null} */ (null));
  useEffect(() => question.current?.focus(), []);
  return (
    <div class="notice" role="group" aria-labelledby="pass-consent-question">
      <p ref={question} id="pass-consent-question" class="notice-title" tabIndex={-1}>
        {gettext("May the people at the door know your name and picture?")}
      </p>
      <p>
        {gettext("Whoever scans your pass then sees them. They stay in the list of that session, on the organiser's phones and on this city's server. You can switch it off again; what was scanned before stays in their list.")}
      </p>
      <div class="notice-ways">
        <button type="button" class="button" onClick={() => onAnswer(true)}>
          {gettext("Yes, show them")}
        </button>
        <button type="button" class="button button-quiet" onClick={() => onAnswer(false)}>
          {gettext("No, keep them to myself")}
        </button>
      </div>
    </div>
  );
}

function Nameless() {
  return (
    <p class="muted">
      {gettext("Your pass shows no name.")} <a href={`/${language()}/people`}>{gettext("Give a name")}</a>
    </p>
  );
}
