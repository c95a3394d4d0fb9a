/** The header's chip: what waits to be sent, and whether all is well. Leads to the learning page. */

import "@preact/signals";
import { render } from "preact";
import { gettext, language, ngettext } from "../i18n.js";
import { feed } from "../store/feed.js";
import { flagsOf } from "../store/flags.js";
import { live } from "../store/live.js";
import { needing, outbox } from "../store/outbox.js";
import { ownSetting } from "../store/settings.js";
import { lastSyncedAt, online, syncing, waiting } from "../sync/status.js";

const needy = live(countNeeding, ["outbox", "feed", "settings"], 0);

/** @param {HTMLElement} element */
export function start(element) {
  render(<StatusChip />, element);
}

function StatusChip() {
  const { tone, words } = statusWords();
  // The frame is always there, so that a screen reader hears what changes in it; empty before the first action.
  return (
    <span role="status">
      {words && (
        <a class="status-chip" data-tone={tone} href={`/${language()}/learning`}>
          <span class="status-mark" aria-hidden="true" />
          {words}
        </a>
      )}
    </span>
  );
}

/** @returns {{tone: "quiet" | "waiting" | "needs" | "ok", words: string}} */
function statusWords() {
  const count = waiting.value ?? 0;
  const needs = needy.value ?? 0;
  if (needs) return { tone: "needs", words: ngettext("%(num)s needs you", "%(num)s need you", needs) };
  if (count && syncing.value)
    return { tone: "waiting", words: ngettext("Sending %(num)s", "Sending %(num)s", count) };
  if (count) return { tone: "waiting", words: ngettext("%(num)s waiting", "%(num)s waiting", count) };
  if (online.value === false) return { tone: "quiet", words: gettext("Offline") };
  return { tone: "ok", words: lastSyncedAt.value ? gettext("All sent") : "" };
}

async function countNeeding() {
  const [all, rows, seen] = await Promise.all([outbox(), feed(), ownSetting("flags_seen")]);
  return needing(all).length + flagsOf(rows, all, seen ?? {}).filter(({ needs }) => needs).length;
}
