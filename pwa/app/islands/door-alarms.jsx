/** Codes of a session that seem to have leaked: how often they were used, and what to do at the door meanwhile. */
import { gettext, language, ngettext } from "../i18n.js";
import { Notice } from "./notice.jsx";

/** @param {{ reply: DoorReply }} props */
export function DoorAlarms({ reply: { alarms = [], role } }) {
  if (!alarms.length) return null;
  const way = role === "organiser" && (
    <a class="button button-small" href={`/desk/flags?lang=${language()}`}>
      {gettext("Look at it at the desk")}
    </a>
  );
  return (
    <Notice tone="bad" title={gettext("A code of this session may have leaked")} ways={way}>
      {alarms.map((alarm) => (
        <p key={alarm.since}>{wordsOf(alarm)}</p>
      ))}
      <p>{gettext("Who stands here with a pass can be believed. Nobody is refused for it.")}</p>
    </Notice>
  );
}

/** @param {NonNullable<DoorReply["alarms"]>[number]} alarm */
function wordsOf({ used, far }) {
  if (far)
    return ngettext("It was used %(num)s time within an hour, %(far)s of them from far away.", "It was used %(num)s times within an hour, %(far)s of them from far away.", used, { far });
  return ngettext("It was used %(num)s time within an hour, more than the room holds.", "It was used %(num)s times within an hour, more than the room holds.", used);
}
