/** Words of the door, the same on its cards, in its list and in its file. */
import { gettext, language } from "../i18n.js";
import { timeOf } from "./date-words.js";

/** @typedef {import("../actions/door-view.js").Row} Row */

/** @param {Pick<Row, "name" | "way">} row */
export function nameOf({ name, way }) {
  return name || (way === "guest" ? gettext("Guest without a phone") : gettext("Name not shown"));
}

/**
 * When the session is, in the city's time.
 * @param {DoorReply["occurrence"]} occurrence
 */
export function whenOf({ starts, ends, timezone }) {
  const format = new Intl.DateTimeFormat(language(), { weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit", hourCycle: "h23", timeZone: timezone });
  return typeof format.formatRange === "function" ? format.formatRange(starts, ends) : format.format(starts);
}

/**
 * A time at a door, on the city's clock like the session's own: somebody's phone may be set to another one.
 * @param {number} at ms
 */
export const cityTimeOf = (at) => timeOf(at, document.documentElement.dataset.timezone);

/** @param {Row["where"]} where */
export function whereWords(where) {
  if (where === "here") return gettext("at this door");
  if (where === "other") return gettext("at another door");
  if (where === "both") return gettext("at two doors");
  return where === "own" ? gettext("by their own phone") : "";
}

/** @param {Row["way"]} way */
export function wayWords(way) {
  if (way === "pass") return gettext("Pass");
  if (way === "tick") return gettext("By name");
  if (way === "guest") return gettext("Without a phone");
  return way === "scan" || way === "receipt" ? gettext("Own phone") : "";
}

/** @param {Row} row */
export function stateWords({ state, over }) {
  if (state === "expected") return gettext("Expected");
  if (state === "undone") return gettext("Taken back");
  if (state === "removed") return gettext("Removed by the city");
  if (state === "refused") return gettext("Let in here, not counted by the city");
  return over ? gettext("In, to be reviewed") : gettext("In");
}

/** What the server has said, beside what the door did. @param {Row} row */
export function sentWords({ state, sent, why, keptIn }) {
  if (keptIn) return gettext("could not be taken back, their work rests on it");
  if (state !== "in") return "";
  if (sent === "saved") return gettext("only on this phone yet");
  if (sent === "held") return why === "pass_unknown" ? gettext("waits for their phone to be online") : gettext("the city checks it later");
  return gettext("confirmed");
}

/**
 * Why the server did not count somebody, in words that one can act on.
 * @param {string | null} why
 */
export function whyWords(why) {
  switch (why) {
    case null:
      return "";
    case "wrong_pass":
      return gettext("This pass was not made by the phone that it names.");
    case "pass_unknown":
      return gettext("The phone that showed this pass has not been online since.");
    case "door_closed":
      return gettext("This door's link had ended or was withdrawn.");
    case "session_cancelled":
      return gettext("The session was cancelled.");
    case "unknown_learner":
      return gettext("They do not stand on this session's list. Scan their pass.");
    case "window_closed":
      return gettext("It was too long before or after the session.");
    default:
      return why.includes(" ") ? why : gettext("Reason: %(why)s", { why });
  }
}

/** @param {Row} row */
export function againWords({ at, where }) {
  const time = at === null ? "" : cityTimeOf(at);
  if (where === "here") return gettext("%(time)s, at this door", { time });
  if (where === "other") return gettext("%(time)s, at another door", { time });
  return where === "both" ? gettext("%(time)s, at two doors", { time }) : gettext("%(time)s, by their own phone", { time });
}
