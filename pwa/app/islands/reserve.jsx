/** The button that asks for a place at a session. What comes after it is fetched when it is pressed, or was before. */
import "../load/visiting.js";
import { render } from "preact";
import { useState } from "preact/hooks";
import { gettext } from "../i18n.js";
import { feed } from "../store/feed.js";
import { outbox } from "../store/outbox.js";
import { whenOf } from "./date-words.js";
import { OfTurn } from "./of-turn.jsx";
import { useLive } from "./use-live.js";
import { usePart } from "./use-part.js";

/** @typedef {{ occurrence: string, activity: string, starts: number, ends: number }} Props times in ms */

/**
 * @param {HTMLElement} element
 * @param {Props} props
 */
export function start(element, props) {
  element.replaceChildren();
  render(
    <OfTurn>
      <Reserve {...props} />
    </OfTurn>,
    element,
  );
}

/** @param {Props} props */
function Reserve(props) {
  const asked = useLive(() => wasAsked(props.occurrence), ["outbox", "feed"], [props.occurrence]);
  const [pressed, setPressed] = useState(false);
  const part = usePart(Boolean(asked || pressed), () => import("./reservation.jsx"));
  if (part) return <part.Reservation {...props} begins={pressed} />;
  if (asked !== false || props.ends < Date.now()) return null;
  return (
    <div class="reserve">
      <button type="button" class="button button-quiet" aria-busy={pressed} onClick={() => setPressed(true)}>
        {gettext("Reserve a place")}
        <span class="hidden">: {whenOf(props.starts)}</span>
      </button>
    </div>
  );
}

/**
 * Did anybody at work here ask for a place before?
 * @param {string} occurrence
 */
async function wasAsked(occurrence) {
  const [rows, items] = await Promise.all([feed(), outbox()]);
  const isAbout = (/** @type {OutboxItem} */ { type, body }) => type.startsWith("session.") && body.occurrence === occurrence;
  return rows.some(({ key }) => key === `session:${occurrence}`) || items.some(isAbout);
}
