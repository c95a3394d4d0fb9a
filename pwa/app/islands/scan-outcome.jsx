/** What came of a scan: checked in and where to go on, or why not. */
import { useEffect, useRef } from "preact/hooks";
import { gettext, language } from "../i18n.js";
import { clockOf, timeOf } from "./date-words.js";
import { Notice } from "./notice.jsx";

/** @typedef {Exclude<import("../actions/scan.js").Outcome, import("./ask.jsx").Question> | { is: "unknown" } | { is: "nothing" } | { is: "unreadable" } | { is: "unsaved" }} Shown */

/**
 * @param {{ shown: Shown, onRetry: () => void, onAnyway: () => void, onAgain: () => void }} props
 */
export function ScanOutcome({ shown, onRetry, onAnyway, onAgain }) {
  const room = useRef(/** @type {HTMLDivElement | null} */ (null));
  useEffect(() => {
    room.current?.focus();
    room.current?.scrollIntoView({ block: "nearest" });
  }, [shown]);
  return (
    <div ref={room} tabIndex={-1} class="scan-outcome">
      {draw({ shown, onRetry, onAnyway, onAgain })}
    </div>
  );
}

/** @param {Parameters<typeof ScanOutcome>[0]} props */
function draw({ shown, onRetry, onAnyway, onAgain }) {
  const again = (
    <button type="button" class="button button-quiet" onClick={onAgain}>
      {gettext("Scan another code")}
    </button>
  );
  switch (shown.is) {
    case "checked-in":
      return <CheckedIn shown={shown} again={again} />;
    case "claimed":
      return (
        <Notice
          tone="ok"
          sign="check"
          title={gettext("You asked for the badge %(name)s", { name: shown.stop.title })}
          ways={
            <>
              <a class="button" href={shown.stop.url ?? `/${language()}/badges`}>
                {gettext("See how far it is")}
              </a>
              {again}
            </>
          }
        >
          <p>{gettext("Saved on this device. It is yours once the server has said so.")}</p>
        </Notice>
      );
    case "doubtful":
      return (
        <Notice
          tone="warn"
          title={doubtTitle(shown)}
          ways={
            <>
              {again}
              <button type="button" class="button button-quiet" onClick={onAnyway}>
                {gettext("Keep it anyway")}
              </button>
            </>
          }
        >
          <p>{doubtWords(shown)}</p>
        </Notice>
      );
    case "foreign":
      return (
        <Notice
          tone="warn"
          title={gettext("This code is not from %(host)s", { host: location.host })}
          ways={again}
        >
          <p>
            {shown.host
              ? gettext("It leads to %(host)s. We have not opened it.", { host: shown.host })
              : gettext("It does not hold the address of a stop. We have not used it.")}
          </p>
        </Notice>
      );
    case "newer":
      return (
        <Notice tone="warn" title={gettext("Please update")} ways={again}>
          <p>
            {gettext(
              "This code is of a kind that this version does not know yet. Open this page again when you are online, then scan once more.",
            )}
          </p>
        </Notice>
      );
    case "pass":
      return (
        <Notice tone="warn" title={gettext("This is a learner's pass")} ways={again}>
          <p>{gettext("It is for the people at the door: they open their door here and scan it there.")}</p>
        </Notice>
      );
    case "malformed":
      return (
        <Notice tone="warn" title={gettext("This is not the code of a stop")} ways={again}>
          <p>{gettext("It is from here, but part of it is missing or it is meant for something else.")}</p>
        </Notice>
      );
    case "unknown":
      return (
        <Notice tone="warn" title={gettext("No stop has this code")} ways={again}>
          <p>{gettext("Compare it with the code under the QR, character by character. On a screen it changes every two minutes: take the one that is there now.")}</p>
        </Notice>
      );
    case "nothing":
      return (
        <Notice tone="warn" title={gettext("There is no QR code in this picture")} ways={again}>
          <p>
            {gettext("Choose one where the whole code is sharp and well lit, or type the code under it.")}
          </p>
        </Notice>
      );
    case "unreadable":
      return <Notice tone="warn" title={gettext("This picture cannot be opened here")} ways={again} />;
    case "invitation":
      return null; // its own page opens
    case "unsaved":
      return (
        <Notice
          tone="bad"
          title={gettext("Not saved")}
          ways={
            <button type="button" class="button" onClick={onRetry}>
              {gettext("Try again")}
            </button>
          }
        >
          <p>
            {gettext(
              "This browser does not let us keep anything on the device: it may be a private window, or the device is full.",
            )}
          </p>
        </Notice>
      );
  }
}

/** @param {{ shown: import("../actions/scan.js").CheckedIn, again: import("preact").JSX.Element }} props */
function CheckedIn({ shown: { again: twice, stop, at, kind }, again }) {
  const time = timeOf(at);
  const title = kind === "receipt" ? gettext("Confirmed at the door") : "";
  const lang = language();
  return (
    <Notice
      tone="ok"
      sign="check"
      title={title || (stop.title ? gettext("You're at %(stop)s", { stop: stop.title }) : gettext("Saved on this device"))}
      ways={
        <>
          {stop.url ? (
            <a class="button" href={stop.url}>
              {stop.title ? gettext("Go to the stop") : gettext("Open its page")}
            </a>
          ) : (
            <a class="button" href={`/${lang}/learning`}>
              {gettext("See my learning")}
            </a>
          )}
          {again}
        </>
      }
    >
      <p>
        {twice
          ? gettext("You had scanned this before, at %(time)s. It counts once.", { time })
          : stop.title
            ? gettext("Checked in at %(time)s. Saved on this device.", { time })
            : gettext("Scanned at %(time)s. Saved on this device.", { time })}
      </p>
      {stop.session && <p>{sessionWords(stop.session)}</p>}
      {kind === "rotating" && <p>{gettext("That the code was shown just now is checked when this has been sent.")}</p>}
      {kind === "receipt" && <p>{gettext("Only the city can check the door's answer. It does so when this has been sent.")}</p>}
      {!stop.title && (
        <p>
          {stop.url
            ? gettext("What this code is for is not on this device. It shows when there is signal.")
            : gettext("What it is for shows when there is signal.")}
        </p>
      )}
    </Notice>
  );
}

/** @param {Session} session */
function sessionWords({ starts, ends }) {
  return gettext("Session: %(from)s until %(to)s", { from: timeOf(starts), to: clockOf(ends) });
}

/** @param {import("../actions/scan.js").Doubtful} doubt */
function doubtTitle({ finding, kind }) {
  if (kind === "rotating" && finding === "closed") return gettext("This code was shown at another time");
  if (finding === "early") return gettext("This code does not count yet");
  if (finding === "closed") return gettext("This code does not count any more");
  return gettext("This code does not fit the stop");
}

/** @param {import("../actions/scan.js").Doubtful} doubt */
function doubtWords({ finding, window, stop, kind }) {
  if (kind === "rotating" && finding === "closed")
    return gettext("Ask for the one that is on the screen now, and scan that.");
  const [opens, closes] = window ?? [null, null];
  if (finding === "early" && opens !== null)
    return gettext("It counts from %(time)s.", { time: timeOf(opens * 1000) });
  if (finding === "closed" && closes !== null)
    return gettext("It counted until %(time)s.", { time: timeOf(closes * 1000) });
  return stop.title
    ? gettext("It is not the one that %(stop)s uses. It may be an old or a copied one.", { stop: stop.title })
    : gettext("It may be an old or a copied one.");
}
