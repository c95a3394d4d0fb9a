/** The page of a code that gives a badge: one tap, also with no network; then how far it is, until it is the learner's. */
import "../load/visiting.js";
import { render } from "preact";
import { claim, claimStanding } from "../actions/claim.js";
import { parseCode } from "../actions/codes.js";
import { gettext, language } from "../i18n.js";
import { Sign } from "./icons.jsx";
import { whyWords } from "./item-state.jsx";
import { Notice } from "./notice.jsx";
import { OfTurn } from "./of-turn.jsx";
import { NotKept, useAsking } from "./use-asking.jsx";
import { useLive } from "./use-live.js";

/**
 * @typedef {{ achievement: string, point: string, name: string, picture: string, url: string }} Props
 * @typedef {import("../actions/claim.js").ClaimCode} ClaimCode
 */

/**
 * @param {HTMLElement} element
 * @param {Props} props
 */
export function start(element, props) {
  const { href, hash } = location;
  // The proof leaves the address before anything else; a place in the page may stay.
  const isProof = hash.length > 1 && !document.getElementById(hash.slice(1));
  if (isProof) history.replaceState(history.state, "", props.url);
  const code = isProof ? parseCode(href, [location.host]) : null;
  element.replaceChildren();
  render(
    <OfTurn>
      <Claim props={props} code={code && "point" in code ? code : null} unread={code && "reason" in code ? code.reason : null} />
    </OfTurn>,
    element,
  );
}

/** @param {{ props: Props, code: ClaimCode | null, unread: "foreign" | "newer" | "malformed" | null }} props */
function Claim({ props: { achievement, point, name }, code, unread }) {
  const seen = useLive(() => claimStanding(achievement, point, code?.proof ?? null), ["outbox", "feed", "settings"]);
  const { ask, busy, problem, room } = useAsking(() => (code ? claim(code) : Promise.resolve()), Boolean(seen?.asked?.state));
  if (seen === undefined) return null;
  if (seen?.award) return <Mine award={seen.award} />;
  if (seen?.asked && (seen.asked.state !== "declined" || !code)) return <Way asked={seen.asked} room={room} />;
  if (!code) return <NoCode unread={unread} />;
  return (
    <div class="stack">
      {seen?.asked && <Refused why={seen.asked.why} />}
      {!seen?.asked && (
        <p>
          <button type="button" class="button button-sun claim-button" aria-disabled={busy} onClick={() => void ask()}>
            <Sign name="check" />
            {gettext("Get this badge")}
            <span class="hidden">{name}</span>
          </button>
        </p>
      )}
      <NotKept shown={problem || seen === null} />
    </div>
  );
}

/** @param {{ award: AwardRow }} props */
function Mine({ award }) {
  return (
    <Notice
      tone="ok"
      sign="check"
      title={gettext("This badge is yours")}
      ways={
        <a class="button" href={`/${language()}/badges#${award.id}`}>
          {gettext("Show my badge")}
        </a>
      }
    />
  );
}

/**
 * Saved here → sent → yours, with the step that it has come to.
 * @param {{ asked: OutboxItem, room: import("preact").RefObject<HTMLDivElement> }} props
 */
function Way({ asked: { state, why }, room }) {
  if (state === "declined") return <Refused why={why} />;
  const reached = state === "accepted" ? 3 : state === "received" ? 2 : 1;
  const steps = [gettext("Saved on this device"), gettext("Sent"), gettext("Yours")];
  const words =
    reached === 3
      ? gettext("It is yours. It shows in a moment.")
      : reached === 2
        ? gettext("Sent. Waiting for the answer.")
        : gettext("It is sent when there is signal. You can close this page.");
  return (
    <div ref={room} tabIndex={-1} class="ask" role="status">
      <Notice tone="ok" sign={reached === 1 ? "device" : "check"} title={gettext("You asked for this badge")}>
        <ol class="claim-steps">
          {steps.map((step, index) => (
            <li key={step} class={index < reached ? "is-done" : undefined} aria-current={index === reached - 1 ? "step" : undefined}>
              {step}
            </li>
          ))}
        </ol>
        <p>{words}</p>
      </Notice>
    </div>
  );
}

/** @param {{ why: string | null }} props */
function Refused({ why }) {
  return (
    <div role="status">
      <Notice tone="bad" sign="cross" title={gettext("This code does not give the badge")}>
        <p>{why === "needs_badges" ? gettext("You need another badge first. The badge's page says which.") : whyWords(why ?? "")}</p>
      </Notice>
    </div>
  );
}

/** @param {{ unread: "foreign" | "newer" | "malformed" | null }} props */
function NoCode({ unread }) {
  return (
    <Notice
      tone={unread ? "warn" : undefined}
      sign="code"
      title={unread ? gettext("Part of the code is missing") : gettext("You get this badge by its code")}
      ways={
        <a class="button" href={`/${language()}/scan`}>
          {gettext("Scan the code")}
        </a>
      }
    >
      <p>{unread ? gettext("Scan it once more, or type the characters under it.") : gettext("Scan it, or type the characters under it.")}</p>
    </Notice>
  );
}
