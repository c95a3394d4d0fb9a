/** The second phone: the invitation leaves the address at once, and after a yes this phone is one more of the learner's. */
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { bringTogether } from "../actions/bring-together.js";
import { readInvitation } from "../actions/invitations.js";
import { askAgain, join, joined } from "../actions/second-phone.js";
import { gettext, language, ngettext } from "../i18n.js";
import { awards } from "../store/feed.js";
import { everyone } from "../store/people.js";
import { Bringing, SeeWhatIsHere } from "./bringing.jsx";
import { ChildrenElsewhere } from "./children-elsewhere.jsx";
import { Offers } from "./entered.jsx";
import { Question } from "./join-question.jsx";
import { Notice } from "./notice.jsx";
import { useLive } from "./use-live.js";

/** @typedef {import("../actions/invitations.js").Invitation} Invitation */

/** How often a phone that was not let in yet asks again, while somebody looks. */
const AGAIN_MS = 10_000;

/** @param {HTMLElement} element */
export function start(element) {
  const { hash, pathname } = location;
  // A code scanned while this page is open changes no more than what follows the "#".
  addEventListener("hashchange", () => readInvitation(location.hash) && location.reload());
  if (hash) history.replaceState(history.state, "", pathname);
  const invitation = readInvitation(hash);
  if (!invitation && !hash) return; // the page's own words say how to get a code
  element.replaceChildren();
  render(invitation ? <Join invitation={invitation} /> : <Broken />, element);
}

function Broken() {
  return (
    <Notice tone="warn" title={gettext("This is not a whole code")}>
      <p>{gettext("Part of it is missing. Scan it once more from your first phone.")}</p>
    </Notice>
  );
}

/**
/**
 * What becomes of an invitation, wherever it came from: asked, done, and told how far it is.
 * @param {{ invitation: Invitation, by?: "" | "passkey" | "mail" | "kit" }} props by: the way back in by which they came,
 *   and have said yes already; empty: invited by their other phone
 */
export function Join({ invitation, by = "" }) {
  const standing = useLive(() => joined(invitation.learner), ["outbox", "device"], []);
  const others = useLive(everyone, ["people", "device", "settings", "outbox"]);
  const [answer, setAnswer] = useState(/** @type {"" | "joining" | "joined"} */ (""));
  const [merge, setMerge] = useState("");
  const alone = by !== "" && others?.filter(({ learner }) => learner !== invitation.learner).length === 0;
  useEffect(() => {
    if (alone && !answer) void say().catch(console.warn);
  }, [alone]);
  if (merge) return <Bringing event={merge} />;
  if (standing === undefined || others === undefined) return null;
  if (!standing || !others) return <Notice tone="warn" title={gettext("Nothing can be kept on this device")} />;
  // The server may let this phone in before it is wholly set up for the learner: then it is not theirs yet.
  const isIn = standing.state === "joined" && answer !== "joining";
  if (answer !== "joined" && !isIn)
    return (
      <Question
        others={others.filter(({ learner }) => learner !== invitation.learner)}
        onTogether={async (mine) => setMerge(await bringTogether(invitation, mine))}
        onYes={say}
      />
    );
  return (
    <div class="stack">
      <Progress learner={invitation.learner} state={standing.state} by={by} />
      {standing.state === "joined" && <ChildrenElsewhere />}
    </div>
  );

  /** @param {{name: string, picture: string}} [who] */
  async function say(who) {
    setAnswer("joining");
    await join(invitation, who).catch((error) => {
      setAnswer("");
      throw error;
    });
    setAnswer("joined");
  }
}

/** @param {{ learner: string, state: Awaited<ReturnType<typeof joined>>["state"], by: "" | "passkey" | "mail" | "kit" }} props */
function Progress({ learner, state, by }) {
  const mine = useLive(awards, ["feed", "settings"]);
  const waits = state === "sending" || state === "waiting";
  useEffect(() => {
    if (!waits) return;
    const timer = setInterval(() => void askAgain(learner), AGAIN_MS);
    return () => clearInterval(timer);
  }, [waits]);
  return (
    <>
      <div role="status">
        {state === "sending" && (
          <Notice sign="up" title={gettext("Almost there")}>
            <p>{gettext("This phone tells the city that it is yours. It needs a network once; until then you can already learn with it.")}</p>
          </Notice>
        )}
        {state === "waiting" && (
          <Notice tone="warn" sign="clock" title={gettext("Waiting for your first phone")}>
            <p>{gettext("Open this city there, with a network: it lets this phone in. If it took more than a day, make a new code.")}</p>
          </Notice>
        )}
        {(state === "declined" || state === "absent") && (
          <Notice tone="bad" title={gettext("This code does not work any more")}>
            <p>{gettext("It works once and for 24 hours. Make a new one on your first phone and scan that.")}</p>
          </Notice>
        )}
        {state === "joined" && (
          <Notice
            tone="ok"
            sign="check"
            title={by ? gettext("You are back in") : gettext("Both phones are yours now")}
            ways={<SeeWhatIsHere />}
          >
            <p>
              {mine?.length
                ? ngettext("%(num)s badge is here already.", "%(num)s badges are here already.", mine.length)
                : gettext("Your progress comes by itself.")}
            </p>
          </Notice>
        )}
      </div>
      {state === "joined" && <Offers by={by} />}
    </>
  );
}
