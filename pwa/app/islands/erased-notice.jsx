/** Tells a phone's people that one of them, or its only one, erased everything, and what was not sent before that. */
import { gettext, ngettext } from "../i18n.js";
import { dismissErased, erasedNews } from "../store/erased.js";
import { Notice } from "./notice.jsx";
import { useLive } from "./use-live.js";

export function ErasedNotice() {
  const all = useLive(erasedNews, ["settings"]);
  if (!all?.length) return null;
  const unsent = all.reduce((sum, one) => sum + one.unsent, 0);
  return (
    <div role="status">
      <Notice
        tone={unsent ? "warn" : "ok"}
        sign={unsent ? "warn" : "check"}
        title={titleWords(all)}
        ways={
          <button type="button" class="button button-quiet" onClick={() => void dismissErased()}>
            {gettext("OK")}
          </button>
        }
      >
        <p>{all.some(({ name }) => name) ? gettext("Nothing of it is on this phone any more, nor on the server. What others have here stays.") : gettext("Nothing of it is on this phone any more, nor on the server. Whoever learns here now begins anew.")}</p>
        {unsent > 0 && (
          <p>{ngettext("%(num)s thing that was done here had not been sent yet. It went with the rest.", "%(num)s things that were done here had not been sent yet. They went with the rest.", unsent)}</p>
        )}
      </Notice>
    </div>
  );
}

/** @param {ErasedNews[]} all */
function titleWords(all) {
  const names = all.map(({ name }) => name).filter(Boolean);
  return names.length ? gettext("Everything of %(name)s was erased", { name: names.join(", ") }) : gettext("Everything was erased");
}
