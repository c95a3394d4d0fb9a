/** Where a learner's work is now, in words: saved on this device, sent, accepted, or not accepted and why. */
import { gettext } from "../i18n.js";
import { timeOf } from "./date-words.js";
import { Sign } from "./icons.jsx";

/**
 * @typedef {{ state: OutboxState | "arrived" | "lost" | "sign-in", why?: string | null, aside_until?: number | null, effect?: any, body?: Record<string, any> }} Item
 *   arrived: the server has it, and nobody has judged it · lost: gone from this phone before it was sent ·
 *   sign-in: waits until its learner signs in again
 */

/** @param {{ item: Item }} props */
export function ItemState({ item }) {
  const { sign, tone, words } = stateWords(item);
  return (
    <p class={tone ? `item-state tone-${tone}` : "item-state"}>
      <Sign name={sign} />
      <span>{words}</span>
      {item.why && <span class="item-state-why">{whyWords(item.why, item.body?.proof)}</span>}
      {item.effect?.note && (
        <span class="item-state-why" dir="auto">
          {item.effect.note}
        </span>
      )}
    </p>
  );
}

/** A check-in beyond the places of its session. */
export function Over() {
  return (
    <p class="item-over tone-warn">
      <Sign name="warn" />
      <span>{gettext("All places were taken when you came. It counts unless the organiser decides otherwise.")}</span>
    </p>
  );
}

/**
 * @param {Item} item
 * @returns {{ sign: string, tone?: "ok" | "warn" | "bad", words: string }}
 */
export function stateWords({ state, why, effect, aside_until: until }) {
  const time = until && until > Date.now() ? timeOf(until) : null;
  if (state === "received" && why === "blob_missing")
    return { sign: "up", words: gettext("Saved on this device; not all of it has been sent yet") };
  switch (state === "accepted" ? judged(effect?.state) : state) {
    case "saved":
      if (time) return { sign: "clock", words: gettext("Saved on this device. The server takes it later; it is sent at %(time)s.", { time }) };
      return { sign: "device", words: gettext("Saved on this device, not sent yet") };
    case "sending":
      return { sign: "up", words: gettext("Saved on this device, being sent…") };
    case "received":
      return { sign: "clock", words: gettext("Sent. Waiting for the answer.") };
    case "arrived":
      return { sign: "check", tone: "ok", words: gettext("Sent and received") };
    case "accepted":
      return { sign: "check", tone: "ok", words: gettext("Accepted") };
    case "improve":
      return { sign: "warn", tone: "warn", words: gettext("You are asked for a little more") };
    case "declined":
      return { sign: "cross", tone: "bad", words: gettext("Not accepted") };
    case "aside":
      return {
        sign: "warn",
        tone: "warn",
        words: time
          ? gettext("Saved on this device. Sending failed; it is set aside until %(time)s.", { time })
          : gettext("Saved on this device. Sending failed; it is tried again later."),
      };
    case "lost":
      return { sign: "warn", tone: "bad", words: gettext("Lost on this phone before it could be sent") };
    case "sign-in":
      return { sign: "device", tone: "warn", words: gettext("Saved on this device. Sign in again, then it is sent.") };
  }
}

/** Work may arrive well and not be found good. @param {string | undefined} said */
function judged(said) {
  return said === "improve" || said === "declined" ? said : "accepted";
}

/**
 * Why the server said no or waits, and what to do about it.
 * @param {string} why a code of sync/README.md
 * @param {string | null} [proof] of the code that it is about
 */
export function whyWords(why, proof) {
  switch (why.startsWith("http_") ? "fault" : why) {
    case "unknown_code":
    case "wrong_code":
      if (proof?.[0] === "5") return whyWords("wrong_pass");
      return gettext("This code is not one of ours. Scan the code at the stop once more.");
    case "code_revoked":
      return gettext("This code was withdrawn. Ask the people at the stop for the new one.");
    case "window_closed":
      if (proof?.[0] === "3") return gettext("This code was shown at another time. Ask for the one that is on the screen now.");
      return gettext("The code was not valid at that time. Ask the people at the stop.");
    case "used_up":
      return gettext("This code has been used as often as it may be.");
    case "full":
      return gettext("All places are taken. Ask the people there, or look for another session.");
    case "session_cancelled":
    case "unknown_session":
      return gettext("This session was cancelled. See on its page when the next one is.");
    case "over":
    case "session_over":
      return gettext("This session is over. Tell the organiser if you were there.");
    case "pass_unknown":
      return gettext("The city does not know this pass yet. Let its phone send once with a network; then this goes on by itself.");
    case "wrong_pass":
      return gettext("The door's answer was not for this phone, or is not from this city. Show your pass and scan the answer once more.");
    case "door_closed":
      return gettext("Whoever let you in was not at the door of this session at that time. Tell the organiser.");
    case "undone":
      return gettext("At the door you were taken off the list again. Ask the people there.");
    case "completed":
      return gettext("Something you have completed rests on it, so it stays.");
    case "unknown_activity":
      return gettext("This activity is no longer offered.");
    case "unknown_task":
      return gettext("This task was changed. Open the page again when you are online.");
    case "answer_form":
      return gettext("The answer did not fit the question. Please answer once more.");
    case "blob_missing":
      return gettext("Its files have not all arrived yet. They are sent when there is signal.");
    case "blob_unreadable":
    case "wrong_media_type":
      return gettext("A file turned out to be something else than was asked for. Please choose another one.");
    case "hash_mismatch":
      return gettext("A file was damaged on its way. It is sent again later.");
    case "quota":
      return gettext("There is no room for more of your files just now. This is tried again every hour.");
    case "too_large":
      return gettext("It is too large to be sent. Please choose something smaller.");
    case "not_confirmed":
      return gettext("The organiser says that you were not there. Ask them if that is wrong.");
    case "blob_late":
      return gettext("The photo did not arrive in time. Please hand it in once more.");
    case "learner_taken":
      return gettext("This learner is known to the server. Add this phone from a phone that they use already.");
    case "too_many_tries":
      return gettext("There were many wrong codes. The server takes more in a while.");
    case "fault":
      return gettext("The server had trouble with it. Nothing is lost.");
    case "organiser":
    case "review":
      return gettext("The organiser looks at it.");
    case "needs":
      return gettext("It waits for something else that you did and that has not arrived yet.");
    case "bad_signature":
    case "unknown_device":
    case "chain_broken":
    case "id_reuse":
    case "malformed":
    case "unknown_type":
      return gettext(
        "It did not arrive in one piece. Please do it once more; if it stays, tell the organiser.",
      );
    default:
      return gettext("Please do it once more; if it stays, tell the organiser.");
  }
}
