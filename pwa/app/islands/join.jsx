/** The second phone: the invitation leaves the address at once, and after a yes this phone is one more of the learner's. */
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { readInvitation } from "../actions/invitations.js";
import { askAgain, join, joined } from "../actions/second-phone.js";
import { gettext, language, ngettext } from "../i18n.js";
import { awards } from "../store/feed.js";
import { everyone } from "../store/people.js";
import { ChildrenElsewhere } from "./children-elsewhere.jsx";
import { Notice } from "./notice.jsx";
import { PersonForm } from "./people-form.jsx";
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

/** @param {{ invitation: Invitation }} props */
function Join({ invitation }) {
  const standing = useLive(() => joined(invitation.learner), ["outbox", "device"], []);
  const others = useLive(everyone, ["people", "device", "settings", "outbox"]);
  const [answer, setAnswer] = useState(/** @type {"" | "joining" | "joined"} */ (""));
  if (standing === undefined || others === undefined) return null;
  if (!standing || !others) return <Notice tone="warn" title={gettext("Nothing can be kept on this device")} />;
  // The server may let this phone in before it is wholly set up for the learner: then it is not theirs yet.
  const isIn = standing.state === "joined" && answer !== "joining";
  if (answer !== "joined" && !isIn)
    return (
      <Question
        others={others.filter(({ learner }) => learner !== invitation.learner)}
        onYes={async (who) => {
          setAnswer("joining");
          await join(invitation, who).catch((error) => {
            setAnswer("");
            throw error;
          });
          setAnswer("joined");
        }}
      />
    );
  return (
    <div class="stack">
      <Progress learner={invitation.learner} state={standing.state} />
      {standing.state === "joined" && <ChildrenElsewhere />}
    </div>
  );
}

/**
 * @param {{
 *   others: import("../store/people.js").Someone[],
 *   onYes: (who?: {name: string, picture: string}) => Promise<void>,
 * }} props
 */
function Question({ others, onYes }) {
  const [busy, setBusy] = useState(false);
  if (others.length)
    return (
      <div class="stack">
        <p class="lead">{gettext("This phone will show the same badges and progress as your first phone.")}</p>
        <Notice sign="device" title={gettext("Somebody has learned on this phone before")}>
          <p>{gettext("That stays, and stays apart: nothing is mixed and nothing is lost. You come beside it, with a name and a picture, and can switch between the two.")}</p>
        </Notice>
        <PersonForm
          title={gettext("Who are you on this phone?")}
          taken={others.map(({ picture }) => picture)}
          submit={gettext("Join")}
          onSubmit={onYes}
        />
      </div>
    );
  return (
    <div class="stack">
      <p class="lead">{gettext("This phone will show the same badges and progress as your first phone.")}</p>
      <p>{gettext("What you do on one of them counts on both. You need no account.")}</p>
      <div class="people-ways">
        <button
          type="button"
          class="button"
          aria-disabled={busy}
          onClick={() => {
            setBusy(true);
            onYes().catch((error) => {
              console.warn(error);
              setBusy(false);
            });
          }}
        >
          {gettext("Yes, use this phone too")}
        </button>
        <a class="button button-quiet" href={`/${language()}/`}>
          {gettext("No")}
        </a>
      </div>
    </div>
  );
}

/** @param {{ learner: string, state: Awaited<ReturnType<typeof joined>>["state"] }} props */
function Progress({ learner, state }) {
  const mine = useLive(awards, ["feed", "settings"]);
  const waits = state === "sending" || state === "waiting";
  useEffect(() => {
    if (!waits) return;
    const timer = setInterval(() => void askAgain(learner), AGAIN_MS);
    return () => clearInterval(timer);
  }, [waits]);
  return (
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
          title={gettext("Both phones are yours now")}
          ways={
            <>
              <a class="button" href={`/${language()}/learning`}>
                {gettext("See my learning")}
              </a>
              <a class="button button-quiet" href={`/${language()}/badges`}>
                {gettext("My badges")}
              </a>
            </>
          }
        >
          <p>
            {mine?.length
              ? ngettext("%(num)s badge is here already.", "%(num)s badges are here already.", mine.length)
              : gettext("Your progress comes by itself.")}
          </p>
        </Notice>
      )}
    </div>
  );
}
