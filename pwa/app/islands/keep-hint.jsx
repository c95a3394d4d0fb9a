/** Beside a badge, as long as nothing but this phone can show it: the way to a way back in. */
import { gettext, language } from "../i18n.js";
import { feed } from "../store/feed.js";
import { outbox } from "../store/outbox.js";
import { Notice } from "./notice.jsx";
import { useLive } from "./use-live.js";
import { waysOf } from "./ways-view.js";

export function KeepHint() {
  const needed = useLive(hasNoWay, ["feed", "outbox", "settings"]);
  if (!needed) return null;
  return (
    <Notice
      sign="device"
      title={gettext("No way back in yet")}
      ways={
        <a class="button button-quiet" href={`/${language()}/account`}>
          {gettext("Keep what you earned")}
        </a>
      }
    >
      <p>{gettext("Make a way back in, for the day when the phone is lost. No name is asked.")}</p>
    </Notice>
  );
}

async function hasNoWay() {
  const { passkeys, kits, mails } = waysOf(await feed(), await outbox());
  return passkeys.length + kits.length + mails.length === 0;
}
