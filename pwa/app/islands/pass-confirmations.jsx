/** What people at a door have said of a learner lately, and how far that is on its way. */
import { confirmations } from "../actions/pass.js";
import { gettext } from "../i18n.js";
import { timeOf } from "./date-words.js";
import { ItemState } from "./item-state.jsx";
import { Notice } from "./notice.jsx";
import { useLive } from "./use-live.js";

/** @param {{ learner: string }} props */
export function Confirmations({ learner }) {
  const all = useLive(() => confirmations(learner), ["outbox", "feed", "bundles"], [learner]) ?? [];
  return (
    <div class="pass-said" role="status">
      {all.map((one) => (
        <Confirmation key={one.item?.id ?? one.at} one={one} />
      ))}
    </div>
  );
}

/** @param {{ one: import("../actions/pass.js").Confirmation }} props */
function Confirmation({ one: { at, title, item } }) {
  const time = timeOf(at);
  if (item?.state === "declined")
    return (
      <Notice tone="bad" title={gettext("The door's answer of %(time)s did not count", { time })}>
        <ItemState item={item} />
      </Notice>
    );
  return (
    <Notice
      tone="ok"
      sign="check"
      title={item ? gettext("Confirmed at the door at %(time)s", { time }) : gettext("Confirmed by the organiser at %(time)s", { time })}
    >
      {title && <p dir="auto">{title}</p>}
      {item && <ItemState item={item} />}
      {item && item.state !== "accepted" && <p>{gettext("Only the city can check the door's answer. It does so when this has been sent.")}</p>}
    </Notice>
  );
}
