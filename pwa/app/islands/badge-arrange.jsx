/** The order of badges, by drag or by buttons; pins; and what is put away. Kept a moment after the last change. */
import { useEffect, useRef, useState } from "preact/hooks";
import { arrangeBadges } from "../actions/portfolio.js";
import { gettext, inLanguage } from "../i18n.js";
import { moved, toggled } from "./badge-order.js";

const A_MOMENT = 1200;

/** @typedef {import("./badges-view.js").BadgesView["badges"][number]} Any */
/** @typedef {{order: string[], pinned: string[], hidden: string[]}} Arrangement */

/** @param {{view: import("./badges-view.js").BadgesView}} props */
export function Arrange({ view }) {
  const { now, change } = useArrangement(view.badges);
  const [said, setSaid] = useState("");
  const byId = new Map(view.badges.map((badge) => [badge.id, badge]));
  const move = (/** @type {string} */ id, /** @type {number} */ to) => {
    if (to < 0 || to >= now.order.length) return;
    change({ ...now, order: moved(now.order, id, to) });
    setSaid(gettext("%(name)s is now number %(place)s.", { name: nameOf(byId.get(id)), place: to + 1 }));
  };
  const drag = useDrag(move);
  return (
    <>
      <p class="muted">{gettext("Pinned badges come first. What is put away is not in your grid nor in your portfolio; it stays yours.")}</p>
      <ol class="arrange-list" ref={drag.list}>
        {now.order.map((id, place) => (
          <Row
            key={id}
            badge={byId.get(id)}
            place={place}
            last={place === now.order.length - 1}
            now={now}
            onMove={move}
            onChange={change}
            onGrab={drag.grab}
            held={drag.held === id}
          />
        ))}
      </ol>
      <p class="muted" role="status">
        {said}
      </p>
    </>
  );
}

/**
 * The arrangement on the screen; recorded once the hand rests, and when the screen is left.
 * @param {Any[]} badges
 */
function useArrangement(badges) {
  const [now, setNow] = useState(() => begin(badges));
  const waiting = useRef(/** @type {Arrangement | null} */ (null));
  const timer = useRef(0);
  const keep = () => {
    clearTimeout(timer.current);
    if (waiting.current) void arrangeBadges(waiting.current).catch(console.error);
    waiting.current = null;
  };
  useEffect(() => {
    addEventListener("pagehide", keep);
    return () => {
      removeEventListener("pagehide", keep);
      keep();
    };
  }, []);
  const change = (/** @type {Arrangement} */ next) => {
    setNow(next);
    waiting.current = next;
    clearTimeout(timer.current);
    timer.current = window.setTimeout(keep, A_MOMENT);
  };
  return { now, change };
}

/** @param {Any[]} badges @returns {Arrangement} */
const begin = (badges) => ({
  order: badges.map(({ id }) => id),
  pinned: badges.filter(({ pinned }) => pinned).map(({ id }) => id),
  hidden: badges.filter(({ hidden }) => hidden).map(({ id }) => id),
});

/**
 * @param {{badge?: Any, place: number, last: boolean, now: Arrangement, held: boolean,
 *   onMove: (id: string, to: number) => void, onChange: (next: Arrangement) => void, onGrab: (id: string, event: PointerEvent) => void}} props
 */
function Row({ badge, place, last, now, held, onMove, onChange, onGrab }) {
  if (!badge) return null;
  const { id } = badge;
  const name = nameOf(badge);
  const [pinned, hidden] = [now.pinned.includes(id), now.hidden.includes(id)];
  return (
    <li class="card arrange-row" data-held={held} data-away={hidden}>
      <span class="arrange-grip" aria-hidden="true" onPointerDown={(event) => onGrab(id, event)}>
        ⠿
      </span>
      {badge.image && <img src={badge.image} alt="" width="48" height="48" />}
      <span class="arrange-name">{name}</span>
      <span class="arrange-moves">
        <button type="button" class="button button-quiet" disabled={place === 0} aria-label={gettext("Move %(name)s up", { name })} onClick={() => onMove(id, place - 1)}>
          ↑
        </button>
        <button type="button" class="button button-quiet" disabled={last} aria-label={gettext("Move %(name)s down", { name })} onClick={() => onMove(id, place + 1)}>
          ↓
        </button>
      </span>
      <label class="arrange-mark">
        <input type="checkbox" checked={pinned} onChange={() => onChange({ ...now, pinned: toggled(now.pinned, id) })} />
        <span>{gettext("Pinned")}</span>
        <span class="hidden">{name}</span>
      </label>
      <label class="arrange-mark">
        <input type="checkbox" checked={hidden} onChange={() => onChange({ ...now, hidden: toggled(now.hidden, id) })} />
        <span>{gettext("Put away")}</span>
        <span class="hidden">{name}</span>
      </label>
    </li>
  );
}

/** Dragging by the grip: the row goes where the finger is. @param {(id: string, to: number) => void} move */
function useDrag(move) {
  const list = useRef(/** @type {HTMLOListElement | null} */ (null));
  const [held, setHeld] = useState(/** @type {string | null} */ (null));
  const mover = useRef(move);
  mover.current = move;
  const grab = (/** @type {string} */ id, /** @type {PointerEvent} */ event) => {
    event.preventDefault();
    setHeld(id);
    const follow = (/** @type {PointerEvent} */ { clientY }) => {
      const rows = [...(list.current?.children ?? [])];
      const to = rows.findIndex((row) => clientY < row.getBoundingClientRect().bottom);
      const at = rows.findIndex((row) => /** @type {HTMLElement} */ (row).dataset.held === "true");
      if (to >= 0 && to !== at) mover.current(id, to);
    };
    const drop = () => {
      setHeld(null);
      removeEventListener("pointermove", follow);
      removeEventListener("pointerup", drop);
      removeEventListener("pointercancel", drop);
    };
    addEventListener("pointermove", follow);
    addEventListener("pointerup", drop);
    addEventListener("pointercancel", drop);
  };
  return { list, held, grab };
}

/** @param {Any | undefined} badge */
const nameOf = (badge) => inLanguage(badge?.name);
