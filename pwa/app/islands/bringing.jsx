/** How far the coming together of two learners is. */
import { useEffect } from "preact/hooks";
import { comeToWork, together } from "../actions/bring-together.js";
import { askAgain } from "../actions/second-phone.js";
import { gettext, language, ngettext } from "../i18n.js";
import { awards } from "../store/feed.js";
import { Notice } from "./notice.jsx";
import { useLive } from "./use-live.js";

/** How often the server is asked again, while somebody looks. */
const AGAIN_MS = 5_000;

/** @param {{ event: string }} props */
export function Bringing({ event }) {
  const standing = useLive(() => together(event), ["outbox"], [event]);
  const state = standing?.state;
  const learner = standing?.learner ?? "";
  useEffect(() => {
    if (state === "together") void comeToWork(learner);
    if (state !== "waiting") return;
    const timer = setInterval(() => void askAgain(learner), AGAIN_MS);
    return () => clearInterval(timer);
  }, [state, learner]);
  return (
    <div role="status">
      {state === "waiting" && (
        <Notice sign="up" title={gettext("Almost there")}>
          <p>{gettext("This phone asks the city to bring both together. It needs a network once; until then you can go on learning with it.")}</p>
        </Notice>
      )}
      {state === "declined" && (
        <Notice tone="bad" title={gettext("They stay apart")}>
          <p>{whyWords(standing?.why ?? null)}</p>
          <p>{gettext("Nothing was changed.")}</p>
        </Notice>
      )}
      {state === "together" && <Together />}
    </div>
  );
}

function Together() {
  const mine = useLive(awards, ["feed", "settings"]);
  return (
    <Notice
      tone="ok"
      sign="check"
      title={gettext("Both are one now")}
      ways={<SeeWhatIsHere />}
    >
      <p>
        {mine?.length
          ? ngettext("%(num)s badge is here.", "%(num)s badges are here.", mine.length)
          : gettext("Your progress comes by itself.")}
      </p>
    </Notice>
  );
}

/** @param {string | null} why */
function whyWords(why) {
  if (why === "unknown_invitation") return gettext("This code does not hold, or not yet. Open this city on your first phone, with a network, make a new code there and scan that.");
  if (why === "own_child") return gettext("One of the two looks after the other: so they are two people.");
  return gettext("The city could not bring the two together.");
}

/** Where to look, once a phone is theirs. */
export function SeeWhatIsHere() {
  return (
    <>
      <a class="button" href={`/${language()}/learning`}>
        {gettext("See my learning")}
      </a>
      <a class="button button-quiet" href={`/${language()}/badges`}>
        {gettext("My badges")}
      </a>
    </>
  );
}
