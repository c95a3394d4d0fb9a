/** The rotating code over the whole screen, for people to scan or type: made on this phone, new every half minute. */
import { useEffect, useRef, useState } from "preact/hooks";
import { clockOf, codeAt } from "../actions/door-code.js";
import { showTyped } from "../actions/codes.js";
import { ownOrigin } from "../actions/own-address.js";
import { gettext, ngettext } from "../i18n.js";
import { DoorSpeech } from "./door-speech.jsx";
import { cityTimeOf } from "./door-words.js";
import { QrCode } from "./qr-code.jsx";
import { useAwake } from "./use-awake.js";

/** @typedef {Awaited<ReturnType<typeof codeAt>>} Shown */

const STEP_S = 30;
/** A clock that is off by less says nothing to anybody. */
const OFF_MS = 60_000;

/** @param {{ door: Door, count: number, onClose: () => void }} props */
export function DoorCode({ door, count, onClose }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const { shown, left } = useCode(door);
  useAwake();
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} class="door-code" aria-label={gettext("Code on the screen")} onClose={onClose}>
      <div class="door-code-room">
        {shown?.is === "code" ? <Code door={door} shown={shown} left={left} /> : shown && <NoCode shown={shown} />}
        <footer class="door-code-foot">
          <Drift offset={door.offset} />
          <p class="door-code-count">{ngettext("%(num)s is in", "%(num)s are in", count)}</p>
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            {gettext("Close")}
          </button>
        </footer>
      </div>
    </dialog>
  );
}

/**
 * Look at the clock each second: a timer that counts by itself would drift, or sleep with the phone.
 * @param {Door} door
 * @returns {{shown: Shown | null, left: number}} left: seconds
 */
function useCode(door) {
  const [shown, setShown] = useState(/** @type {Shown | null} */ (null));
  const [left, setLeft] = useState(STEP_S);
  useEffect(() => {
    let gone = false;
    /** @type {ReturnType<typeof setTimeout>} */
    let timer;
    const look = async () => {
      const now = clockOf(door);
      const next = await codeAt(door, now, ownOrigin().origin);
      if (gone) return;
      setShown((before) => (isSame(before, next) ? before : next));
      setLeft(STEP_S - Math.floor((now / 1000) % STEP_S));
      timer = setTimeout(look, 1000 - (clockOf(door) % 1000) + 5);
    };
    void look();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [door]);
  return { shown, left };
}

/** @param {Shown | null} one @param {Shown} other */
const isSame = (one, other) => one?.is === other.is && (one.is !== "code" || other.is !== "code" || one.step === other.step);

/** @param {{ door: Door, shown: Extract<Shown, {is: "code"}>, left: number }} props */
function Code({ door, shown, left }) {
  return (
    <>
      <QrCode text={shown.address} label={gettext("Code of this session, to be scanned")} class="door-code-qr" />
      <div class="door-code-side">
        <h2 dir="auto">{door.reply.occurrence.title}</h2>
        <p class="door-code-how">
          <Ring left={left} />
          {gettext("Scan this to check in. It changes every 30 seconds.")}
        </p>
        {shown.typed && (
          <>
            <p class="door-code-label">{gettext("Or type this")}</p>
            <p class="door-code-typed" dir="ltr">{showTyped(shown.typed)}</p>
            <DoorSpeech typed={shown.typed} />
          </>
        )}
        <p class="door-code-hint">{gettext("Turn the brightness of this screen all the way up.")}</p>
      </div>
    </>
  );
}

/** @param {{ left: number }} props */
function Ring({ left }) {
  return (
    <svg class="door-ring" viewBox="0 0 36 36" aria-hidden="true">
      <circle cx="18" cy="18" r="15" pathLength={STEP_S} stroke-dasharray={`${left} ${STEP_S}`} transform="rotate(-90 18 18)" />
      <text x="18" y="18" dy="0.36em" text-anchor="middle">{left}</text>
    </svg>
  );
}

/** @param {{ shown: Exclude<Shown, {is: "code"}> }} props */
function NoCode({ shown }) {
  return (
    <div class="door-code-none" role="status">
      {shown.is === "early" && (
        <>
          <h2>{gettext("Not yet")}</h2>
          <p>{gettext("The code shows by itself from %(time)s.", { time: cityTimeOf(shown.opens) })}</p>
        </>
      )}
      {shown.is === "over" && (
        <>
          <h2>{gettext("The session is over")}</h2>
          <p>{gettext("The code has stopped by itself. Nobody can check in by it any more.")}</p>
        </>
      )}
      {shown.is === "none" && (
        <>
          <h2>{gettext("No code for today")}</h2>
          <p>{gettext("This phone has no key for this day. Open the door once with a network, then it shows the code offline.")}</p>
        </>
      )}
    </div>
  );
}

/** @param {{ offset: number }} props */
function Drift({ offset }) {
  const minutes = Math.round(Math.abs(offset) / 60_000);
  if (Math.abs(offset) < OFF_MS) return null;
  return (
    <p class="door-code-drift">
      {offset < 0
        ? ngettext("This phone's clock is %(num)s minute fast: the code is corrected.", "This phone's clock is %(num)s minutes fast: the code is corrected.", minutes)
        : ngettext("This phone's clock is %(num)s minute slow: the code is corrected.", "This phone's clock is %(num)s minutes slow: the code is corrected.", minutes)}
    </p>
  );
}
