/** Arriving by a scanned code: the proof leaves the address at once, and the check-in is kept on this phone. */
import { render } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import "@preact/signals";
import { parseCode } from "../actions/codes.js";
import { arrive } from "../actions/scan.js";
import { gettext } from "../i18n.js";
import { live } from "../store/live.js";
import { outboxItem } from "../store/outbox.js";
import { Ask } from "./ask.jsx";
import { ItemState } from "./item-state.jsx";
import { Notice } from "./notice.jsx";
import { turn } from "./of-turn.jsx";
import { timeOf } from "./date-words.js";
import { usePart } from "./use-part.js";

/** @typedef {Awaited<ReturnType<typeof arrive>>} Arrived */

/**
 * @param {HTMLElement} element
 * @param {{ activity?: { id: string, title?: string, url: string }, codes?: CodeCommitment[] }} props codes: those that ask for a place
 */
export function start(element, { activity = activityOfPage(), codes }) {
  const { href, hash, pathname } = location;
  if (hash && /^\/p$/i.test(pathname)) history.replaceState(history.state, "", pathname); // somebody's pass
  const isPlain = hash.length < 2 || document.getElementById(hash.slice(1)); // no proof, or a place in the page
  if (isPlain || !/^\/s\//i.test(pathname)) {
    element.hidden = true;
    return;
  }
  history.replaceState(history.state, "", pageAddress(activity));
  const code = parseCode(href, [location.host]);
  element.replaceChildren();
  render(
    "point" in code ? (
      <Arrival code={code} activity={activity?.id ?? null} title={activity?.title ?? ""} codes={codes} />
    ) : (
      <Refused reason={"reason" in code ? code.reason : "malformed"} />
    ),
    element,
  );
}

/** @param {{ code: import("../actions/codes.js").Code, activity: string | null, title: string, codes?: CodeCommitment[] }} props */
function Arrival({ code, activity, title, codes }) {
  const [arrived, setArrived] = useState(/** @type {Arrived | "saving" | "unsaved"} */ ("saving"));
  /** @param {PlaceWord} [place] */
  const save = (place) => {
    setArrived("saving");
    arrive(code, { activity, title, codes, place }).then(setArrived, (error) => {
      console.warn(error);
      setArrived("unsaved");
    });
  };
  useEffect(() => save(), []);
  if (typeof arrived === "object" && arrived.is !== "here")
    return <Ask key={arrived.is} question={arrived} onPlace={save} onFail={() => setArrived("unsaved")} />;
  // The next learner has not arrived by this one's scan.
  if (typeof arrived === "object" && turn.value && turn.value.learner !== arrived.learner) return null;

  return (
    <div role="status" data-busy={arrived === "saving"}>
      {arrived === "saving" && <Notice sign="pin" title={gettext("Checking you in…")} />}
      {arrived === "unsaved" && <Unsaved onRetry={() => save()} />}
      {typeof arrived === "object" && <Here arrived={arrived} known={isKnown(activity, arrived.item)} />}
    </div>
  );
}

/** @param {{ arrived: Extract<Arrived, {is: "here"}>, known: boolean }} props known: what the code is for */
function Here({ arrived: { again, at, item }, known }) {
  const newest = useMemo(
    () => live(async () => (item ? outboxItem(item.id) : undefined), ["outbox"], item ?? undefined),
    [item],
  );
  const now = newest.value ?? item;
  const time = timeOf(at);
  const place = item?.body.place;
  const asking = usePart(Boolean(place), () => import("./asking.jsx"));
  const doubt = now && now.state !== "accepted" && doubtWords(now);
  const tone = now?.state === "declined" ? "bad" : doubt ? "warn" : "ok";
  const note = now && now.state !== "accepted" && now.state !== "declined" && noteWords(now);
  return (
    <Notice
      tone={tone}
      sign={tone === "ok" ? "pin" : "warn"}
      title={
        now?.state === "declined"
          ? gettext("This check-in did not count")
          : isAnswer(now)
          ? gettext("Confirmed at the door at %(time)s", { time })
          : !known
          ? gettext("Scanned at %(time)s", { time })
          : again
          ? gettext("You're here: you had checked in at %(time)s", { time })
          : gettext("You're here: checked in at %(time)s", { time })
      }
    >
      {doubt && <p>{doubt}</p>}
      {note && <p>{note}</p>}
      {!known && <p>{unknownWords(now?.effect)}</p>}
      {asking && <asking.PlaceSaid word={place} />}
      {now ? <ItemState item={now} /> : <p>{gettext("It counts once.")}</p>}
    </Notice>
  );
}

/**
 * Is it known what the code is for? Only people check others in at a screen or a door; a badge has no such code.
 * @param {string | null} activity
 * @param {OutboxItem | null} item
 */
const isKnown = (activity, item) => Boolean(activity || !item || item.body.activity || /^[35]/.test(item.body.proof ?? ""));

/** Of a stop or a badge? The server tells. @param {any} effect */
function unknownWords(effect) {
  if (effect?.award) return gettext("It gives you a badge: look at My badges.");
  return effect ? "" : gettext("What this code is for shows when there is signal.");
}

/** A door's phone answers so to a pass that it has read. @param {OutboxItem | null | undefined} item */
const isAnswer = (item) => item?.body.proof?.[0] === "5";

/** What this phone cannot know of a good code. @param {OutboxItem} item */
function noteWords(item) {
  if (isAnswer(item)) return gettext("Only the city can check the door's answer. It does so when this has been sent.");
  if (item.body.proof?.[0] !== "3" || !/^(later|unknown)$/.test(item.local ?? "")) return "";
  return gettext("It looks like the code on the screen. That it was shown just now is checked when this has been sent.");
}

/** @param {OutboxItem} item `local`: what this phone made of the code */
function doubtWords({ local: finding, body }) {
  if (finding === "closed" && body.proof?.[0] === "3")
    return gettext("This code was shown at another time. Ask for the one that is on the screen now, and scan that.");
  if (finding === "wrong")
    return gettext(
      "This code does not look like the one of this stop. It may be an old one; the server decides.",
    );
  if (finding === "early") return gettext("This code does not count yet. The server decides.");
  if (finding === "closed") return gettext("This code does not count any more. The server decides.");
  return "";
}

/** @param {{ onRetry: () => void }} props */
function Unsaved({ onRetry }) {
  return (
    <Notice
      tone="bad"
      title={gettext("You're here, but it is not saved")}
      ways={
        <button type="button" class="button" onClick={onRetry}>
          {gettext("Try again")}
        </button>
      }
    >
      <p>
        {gettext(
          "This browser does not let us keep anything on the device: it may be a private window, or the device is full. Keep this page open and try again, or scan the code in a normal window.",
        )}
      </p>
    </Notice>
  );
}

/** @param {{ reason: "foreign" | "newer" | "malformed" }} props */
function Refused({ reason }) {
  return (
    <div role="status">
      {reason === "newer" ? (
        <Notice tone="warn" title={gettext("Please update")}>
          <p>
            {gettext(
              "This code is of a kind that this version does not know yet. Open this page again when you are online, then scan once more.",
            )}
          </p>
        </Notice>
      ) : (
        <Notice tone="warn" title={gettext("You are not checked in")}>
          <p>{gettext("Part of the code is missing. Scan it once more, or type the characters under it.")}</p>
        </Notice>
      )}
    </div>
  );
}

/** @param {{ url: string } | undefined} activity */
function pageAddress(activity) {
  const canonical = document.querySelector("link[rel=canonical]");
  if (canonical instanceof HTMLLinkElement) return new URL(canonical.href).pathname;
  return activity?.url ?? location.pathname;
}

/** The page's own tasks know which activity it is. */
function activityOfPage() {
  const stop = /** @type {HTMLElement | null} */ (document.querySelector('[data-island="stop"]'));
  return stop ? JSON.parse(stop.dataset.props || "{}").activity : undefined;
}
