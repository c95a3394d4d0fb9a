/** A place at a session: asked for, also with no network; given back; and what else there is when all places are taken. */
import "../load/visiting.js";
import { useEffect, useRef, useState } from "preact/hooks";
import { giveBack, reserve, standingAt } from "../actions/reservations.js";
import { gettext } from "../i18n.js";
import { everyone, LONGEST_NAME } from "../store/people.js";
import { whenOf } from "./date-words.js";
import { turn } from "./of-turn.jsx";
import { ReservationState } from "./reservation-state.jsx";
import { useLive } from "./use-live.js";

/** @typedef {import("./reserve.jsx").Props & { begins: boolean }} Props begins: the button was pressed just now */

/** @param {Props} props */
export function Reservation({ occurrence, activity, starts, ends, begins }) {
  const standing = useLive(() => standingAt(occurrence), ["outbox", "feed", "settings"], [occurrence]);
  const [asking, setAsking] = useState(begins);
  const [problem, setProblem] = useState(false);
  const [begun] = useState(() => turn.peek());
  const room = useRef(/** @type {HTMLDivElement | null} */ (null));
  if (!standing || ends < Date.now()) return null;
  const { state } = standing;

  /** @param {() => Promise<unknown>} work */
  const keep = async (work) => {
    setAsking(false);
    setProblem(false);
    await work().catch((error) => {
      console.warn(error);
      setProblem(true);
    });
    room.current?.focus(); // the button has gone
  };
  const { title, url } = stopOfPage(activity);
  const session = { occurrence, title, url, starts, ends };
  return (
    <div class="reserve" ref={room} tabIndex={-1}>
      <div role="status">{state !== "none" && <ReservationState standing={standing} />}</div>
      <p class="task-word tone-bad" role="alert">
        {problem ? gettext("Not saved. Please try again.") : ""}
      </p>
      {state === "refused" && standing.why === "full" && <Others but={occurrence} />}
      {asking ? (
        <Agreement
          onReserve={(shown) => void keep(() => reserve(session, shown, begun))}
          onBack={() => {
            setAsking(false);
            room.current?.focus();
          }}
        />
      ) : state === "none" || state === "refused" ? (
        <button type="button" class="button button-quiet" onClick={() => setAsking(true)}>
          {state === "none" ? gettext("Reserve a place") : gettext("Ask again")}
          <span class="hidden">: {whenOf(starts)}</span>
        </button>
      ) : state === "asked" || state === "reserved" ? (
        <button type="button" class="button button-quiet button-small" onClick={() => void keep(() => giveBack(occurrence, begun))}>
          {gettext("Give the place back")}
          <span class="hidden">: {whenOf(starts)}</span>
        </button>
      ) : null}
    </div>
  );
}

/** @param {{ onReserve: (shown: {name: string, picture: string} | null) => void, onBack: () => void }} props */
function Agreement({ onReserve, onBack }) {
  const me = useLive(everyone, ["people"])?.find((one) => one.atWork);
  const [agreed, setAgreed] = useState(false);
  const [typed, setTyped] = useState("");
  const first = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => first.current?.focus(), []);
  const name = me?.name || typed.trim();
  return (
    <form
      class="reserve-form"
      onSubmit={(event) => {
        event.preventDefault();
        onReserve(agreed && name ? { name, picture: me?.picture ?? "" } : null);
      }}
    >
      <label class="reserve-agree">
        <input ref={first} type="checkbox" checked={agreed} onChange={(event) => setAgreed(event.currentTarget.checked)} />
        <span>{me?.name ? gettext("Show the organiser my name: %(name)s", { name: me.name }) : gettext("Show the organiser my name")}</span>
      </label>
      {agreed && !me?.name && (
        <label class="field">
          <span>{gettext("Name")}</span>
          <input type="text" autocomplete="given-name" maxLength={LONGEST_NAME} dir="auto" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        </label>
      )}
      <p class="muted">{gettext("Without a name your place is kept just the same.")}</p>
      <div class="people-ways">
        <button type="submit" class="button">
          {gettext("Reserve")}
        </button>
        <button type="button" class="button button-quiet" onClick={onBack}>
          {gettext("Back")}
        </button>
      </div>
    </form>
  );
}

/** The other sessions of this page that are still to come. @param {{ but: string }} props */
function Others({ but }) {
  /** @type {import("./reserve.jsx").Props[]} */
  const all = [...document.querySelectorAll('[data-island="reserve"]')].map((one) => JSON.parse(/** @type {HTMLElement} */ (one).dataset.props || "{}"));
  const others = all.filter(({ occurrence, starts }) => occurrence !== but && starts > Date.now());
  if (!others.length) return <p>{gettext("There is no other session yet. A place may be given back: ask again later.")}</p>;
  return (
    <div>
      <p>{gettext("Other sessions:")}</p>
      <ul class="reserve-others">
        {others.map(({ occurrence, starts }) => (
          <li key={occurrence}>
            <a href={`#session-${occurrence}`}>{whenOf(starts)}</a>
          </li>
        ))}
      </ul>
    </div>
  );
}

/**
 * What the page's own tasks say of the activity.
 * @param {string} activity
 * @returns {{ title: string, url: string }}
 */
function stopOfPage(activity) {
  const stop = /** @type {HTMLElement | null} */ (document.querySelector('[data-island="stop"]'));
  const found = stop && JSON.parse(stop.dataset.props || "{}").activity;
  return found?.id === activity ? { title: found.title, url: found.url } : { title: document.title, url: location.pathname };
}
