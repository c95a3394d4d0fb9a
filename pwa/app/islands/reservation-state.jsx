/** How a reservation stands, in words: asked, sure, given back, refused, called off. */
import { gettext } from "../i18n.js";
import { Sign } from "./icons.jsx";
import { whyWords } from "./item-state.jsx";

/** @typedef {import("../actions/reservations.js").Standing} Standing */

/** @param {{ standing: Standing }} props */
export function ReservationState({ standing }) {
  const { sign, tone, words, why } = reservationWords(standing);
  return (
    <p class={tone ? `item-state tone-${tone}` : "item-state"}>
      <Sign name={sign} />
      <span>{words}</span>
      {why && (
        <span class="item-state-why" dir="auto">
          {why}
        </span>
      )}
    </p>
  );
}

/**
 * @param {Standing} standing
 * @returns {{ sign: string, tone?: "ok" | "warn" | "bad", words: string, why?: string }}
 */
function reservationWords({ state, item, why, reason }) {
  switch (state) {
    case "asked":
      return item?.state === "received" || item?.state === "sending"
        ? { sign: "clock", words: gettext("Asked for a place, not yet sure") }
        : { sign: "device", words: gettext("Asked for a place, not yet sure. It is sent when there is signal.") };
    case "reserved":
      return { sign: "check", tone: "ok", words: gettext("You have a place") };
    case "giving":
      return { sign: "device", words: gettext("The place is given back when there is signal.") };
    case "called_off":
      return { sign: "cross", tone: "bad", words: gettext("Cancelled by the organiser"), why: reason };
    default:
      return { sign: "cross", tone: "bad", words: gettext("No place"), why: whyWords(why ?? "") };
  }
}
