/** Whether everything has been sent, when that was last so, what is put off and until when, and a button to send now. */
import "@preact/signals";
import { useState } from "preact/hooks";
import { sendNow } from "../actions/outbox.js";
import { gettext, ngettext } from "../i18n.js";
import { ASIDE_MS, isAhead } from "../store/moments.js";
import { isUnsent, isWaiting, othersWaiting } from "../store/outbox.js";
import { lastSyncedAt, problem, syncing } from "../sync/status.js";
import { Sign } from "./icons.jsx";
import { timeOf } from "./date-words.js";
import { useLive } from "./use-live.js";

/** @param {{items: OutboxItem[]}} props */
export function SendState({ items }) {
  const [outcome, setOutcome] = useState(/** @type {string | null} */ (null));
  const others = useLive(othersWaiting, ["outbox", "settings"]) ?? 0;
  const count = items.filter(isWaiting).length;
  const send = async () => {
    setOutcome(null);
    setOutcome(await sendNow());
  };
  return (
    <section class="send-state" data-waiting={count > 0} aria-label={gettext("Sending")}>
      <Sign name={count ? "device" : "check"} class="send-mark" />
      <div class="send-words" role="status">
        <p class="send-title">
          {count
            ? ngettext("%(num)s thing is saved on this phone and waits to be sent", "%(num)s things are saved on this phone and wait to be sent", count)
            : gettext("Everything is sent")}
        </p>
        {[detailWords(outcome), putOffWords(items), othersWords(others)].filter(Boolean).map((words) => (
          <p class="muted" key={words}>
            {words}
          </p>
        ))}
      </div>
      <button type="button" class="button button-quiet" disabled={syncing.value} onClick={send}>
        {syncing.value ? gettext("Sending…") : gettext("Send now")}
      </button>
    </section>
  );
}

/** @param {string | null} outcome of the last tap on the button */
function detailWords(outcome) {
  const trouble = problem.value;
  if (trouble?.kind === "wait" && trouble.until) return gettext("The server is busy. It goes on at %(time)s.", { time: timeOf(trouble.until) });
  if (trouble?.kind === "locked") return gettext("Another phone of yours has locked this one out: nothing is sent from here any more. What you did stays on it, and a rescue file keeps it.");
  if (trouble?.kind === "old") return gettext("This app is too old to send. Open the page again when you are online.");
  if (trouble?.kind === "rejected" || trouble?.kind === "fault") return `${gettext("Sending did not work. Nothing is lost; it is tried again.")} ${(trouble.kind === "rejected" && trouble.detail) || ""}`.trim();
  if (outcome === "offline" && trouble?.kind === "elsewhere")
    return gettext("Something else answers in place of our server. Perhaps this Wi-Fi wants you to sign in first. What you did waits here until then.");
  if (outcome === "offline") return gettext("There is no network just now. It is sent by itself when there is.");
  if (outcome === "busy") return gettext("It is being sent already, in another window of this app.");
  const at = lastSyncedAt.value;
  return at ? gettext("Last sent and read at %(time)s", { time: timeOf(at) }) : gettext("Not sent yet");
}

/**
 * What the server takes later, or this phone has set aside; the list says which.
 * @param {OutboxItem[]} items
 */
function putOffWords(items) {
  const off = items.filter((item) => isUnsent(item) && isAhead(item.aside_until, Date.now(), ASIDE_MS));
  if (!off.length) return "";
  const time = timeOf(Math.min(...off.map((item) => Number(item.aside_until))));
  return ngettext("%(num)s thing could not be taken yet; the next try is at %(time)s.", "%(num)s things could not be taken yet; the next try is at %(time)s.", off.length, { time });
}

/** @param {number} count */
function othersWords(count) {
  if (!count) return "";
  return ngettext("%(num)s thing of others on this phone waits too.", "%(num)s things of others on this phone wait too.", count);
}
