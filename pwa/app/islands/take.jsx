/** Badges that an organiser gave by name: the link leaves the address at once, and one tap takes them to this phone. */
import "../load/visiting.js";
import { render } from "preact";
import { readTakeLink, take, takeStanding } from "../actions/take.js";
import { gettext, language, ngettext } from "../i18n.js";
import { Sign } from "./icons.jsx";
import { whyWords } from "./item-state.jsx";
import { Notice } from "./notice.jsx";
import { OfTurn } from "./of-turn.jsx";
import { NotKept, useAsking } from "./use-asking.jsx";
import { useLive } from "./use-live.js";

/** @param {HTMLElement} element */
export function start(element) {
  const { hash, pathname } = location;
  // A link opened while this page is open changes no more than what follows the "#".
  addEventListener("hashchange", () => readTakeLink(location.hash) && location.reload());
  const isLink = hash.length > 1 && !document.getElementById(hash.slice(1));
  if (isLink) history.replaceState(history.state, "", pathname);
  if (!isLink) return; // the page's own words say where a link comes from
  const link = readTakeLink(hash);
  element.replaceChildren();
  render(<OfTurn>{link ? <Take link={link} /> : <Broken />}</OfTurn>, element);
}

function Broken() {
  return (
    <Notice tone="warn" title={gettext("This is not a whole link")}>
      <p>{gettext("Part of it is missing. Scan it once more, or ask for it again.")}</p>
    </Notice>
  );
}

/** @param {{ link: string }} props */
function Take({ link }) {
  const seen = useLive(() => takeStanding(link), ["outbox", "feed", "settings"]);
  const { ask, busy, problem, room } = useAsking(() => take(link), Boolean(seen?.asked?.state));
  if (seen === undefined) return null;
  if (seen?.asked)
    return (
      <div ref={room} tabIndex={-1} class="ask" role="status">
        <Standing asked={seen.asked} came={seen.came} />
      </div>
    );
  return (
    <div class="stack">
      <p class="lead">{gettext("Somebody has given you badges. Take them to this phone, and they are kept here, under “My badges”.")}</p>
      <p>{gettext("The link works for one person. Is this not your own phone? Then open the link on yours.")}</p>
      <p>
        <button type="button" class="button button-sun claim-button" aria-disabled={busy} onClick={() => void ask()}>
          <Sign name="check" />
          {gettext("Take my badges")}
        </button>
      </p>
      <NotKept shown={problem || seen === null} />
    </div>
  );
}

/** @param {{ asked: OutboxItem, came: AwardRow[] }} props */
function Standing({ asked: { state, why }, came }) {
  if (state === "declined")
    return (
      <Notice tone="bad" sign="cross" title={gettext("These badges cannot be taken")}>
        <p>{refusedWords(why ?? "")}</p>
      </Notice>
    );
  if (state !== "accepted")
    return (
      <Notice tone="ok" sign={state === "received" ? "check" : "device"} title={gettext("Saved on this device")}>
        <p>{state === "received" ? gettext("Sent. Waiting for the answer.") : gettext("Your badges come when there is signal. You can close this page.")}</p>
      </Notice>
    );
  return (
    <Notice
      tone="ok"
      sign="check"
      title={came.length ? ngettext("%(num)s badge is yours now", "%(num)s badges are yours now", came.length) : gettext("They are all here")}
      ways={
        <a class="button" href={`/${language()}/badges${came.length === 1 ? `#${came[0].id}` : ""}`}>
          {gettext("My badges")}
        </a>
      }
    />
  );
}

/** @param {string} why */
function refusedWords(why) {
  if (why === "taken") return gettext("Somebody took them to another phone before. If that was not you, tell whoever gave you the link.");
  if (why === "unknown_link") return gettext("This link does not work, or not any more. Ask whoever sent it for a new one.");
  return whyWords(why);
}
