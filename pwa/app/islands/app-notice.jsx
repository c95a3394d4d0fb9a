/** What the app has to say about itself, at the foot of the page: ready with no network, a new version, a store that cannot be read. */
import "@preact/signals";
import { signal } from "@preact/signals-core";
import { render } from "preact";
import { leaveUpdate, stayEarlier, takeUpdate, updateStep } from "../actions/app-update.js";
import { gettext, language } from "../i18n.js";

const SHOWN_MS = 6000;

/** @typedef {"ready" | "update" | import("../store/db.js").Trouble} Saying */

/** What is said, beside an update, which tells its steps itself. */
const saying = signal(/** @type {Saying | null} */ (null));

/** @type {HTMLElement | null} */
let place = null;

/**
 * Say something, on whatever page the learner is.
 * @param {Saying | null} what null: nothing (any more)
 */
export function show(what) {
  if (what !== "update") saying.value = what;
  if (what === "ready") setTimeout(() => saying.value === "ready" && show(null), SHOWN_MS);
  if (place) return;
  place = document.createElement("div");
  place.className = "app-notice";
  place.setAttribute("role", "status");
  document.body.append(place);
  // A moment later: a screen reader hears what changes in a place that it knows.
  setTimeout(() => place && render(<AppNotice />, place));
}

function AppNotice() {
  if (saying.value === "unreadable" || saying.value === "broken") return <NeedsRepair what={saying.value} />;
  if (saying.value === "blocked")
    return <p class="app-notice-words">{gettext("Another tab has this app open in an earlier version. Please close or reload it.")}</p>;
  if (updateStep.value) return <Update step={updateStep.value} />;
  return saying.value === "ready" ? (
    <p class="app-notice-words">{gettext("This app now opens with no network.")}</p>
  ) : null;
}

/** @param {{what: "unreadable" | "broken"}} props */
function NeedsRepair({ what }) {
  return (
    <p class="app-notice-words">
      {what === "unreadable"
        ? gettext("Your earlier work on this phone cannot be read just now; it is kept.")
        : gettext("This phone lets the app keep nothing just now.")}
      <a href={`/${language()}/repair`}>{gettext("Repair")}</a>
      <button type="button" onClick={() => show(null)}>
        {gettext("Later")}
      </button>
    </p>
  );
}

/** @param {{step: NonNullable<typeof updateStep.value>}} props */
function Update({ step }) {
  if (step === "ready" || step === "earlier") {
    const [words, yes, use, leave] =
      step === "ready"
        ? [gettext("A new version is ready."), gettext("Use it now"), takeUpdate, leaveUpdate]
        : [
            gettext("This page is of an earlier version. It works on; reload it when you like."),
            gettext("Reload"),
            () => location.reload(),
            stayEarlier,
          ];
    return (
      <p class="app-notice-words">
        {words}
        <button type="button" onClick={use}>
          {yes}
        </button>
        <button type="button" onClick={leave}>
          {gettext("Later")}
        </button>
      </p>
    );
  }
  return <p class="app-notice-words">{waitWords(step)}</p>;
}

/** @param {"sending" | "scan" | "typing"} step */
function waitWords(step) {
  if (step === "sending") return gettext("The new version takes over when sending is done.");
  if (step === "scan") return gettext("The new version takes over when the camera is closed.");
  return gettext("The new version takes over when you have finished typing.");
}
