/** On a guardian's new phone: their children do not come by themselves, but by one tap each. */
import { children } from "../actions/children.js";
import { gettext, language } from "../i18n.js";
import { Notice } from "./notice.jsx";
import { useLive } from "./use-live.js";

export function ChildrenElsewhere() {
  const found = useLive(children, ["feed", "outbox", "people", "settings"]);
  if (!found?.some(({ row, person }) => row && !row.freed_at && !person)) return null;
  return (
    <Notice
      sign="device"
      title={gettext("Your children are not on this phone yet")}
      ways={
        <a class="button button-quiet" href={`/${language()}/people#children`}>
          {gettext("Bring them too")}
        </a>
      }
    />
  );
}
