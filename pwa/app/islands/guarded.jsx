/** For a child on a phone of their own: who looks after them, and taking over. */
import { useState } from "preact/hooks";
import { takeOver } from "../actions/children.js";
import { gettext, language } from "../i18n.js";
import { whyWords } from "./item-state.jsx";
import { Notice } from "./notice.jsx";

/** @param {{ seen: Awaited<ReturnType<typeof import("../actions/children.js").guarded>> }} props */
export function Guarded({ seen }) {
  const { asked } = seen;
  if (asked?.state === "accepted" && !seen.guarded)
    return (
      <Notice tone="ok" sign="check" title={gettext("It is all yours now")}>
        <p>{gettext("Nobody else looks after your learning any more, and no other phone has a part in it.")}</p>
      </Notice>
    );
  if (!seen.guarded || !(seen.own || seen.grown)) return null;
  return <TakeOver hasWay={seen.hasWay} asked={asked} />;
}

/** @param {{ hasWay: boolean, asked: OutboxItem | undefined }} props */
function TakeOver({ hasWay, asked }) {
  const [busy, setBusy] = useState(false);
  const waits = asked && asked.state !== "declined" && asked.state !== "accepted";
  const way = (
    <a class="button" href={`/${language()}/account`}>
      {gettext("Make a way back in")}
    </a>
  );
  const yes = (
    <button
      type="button"
      class="button"
      aria-disabled={busy || waits}
      onClick={() => {
        setBusy(true);
        takeOver()
          .catch(console.warn)
          .finally(() => setBusy(false));
      }}
    >
      {gettext("From now on it is mine")}
    </button>
  );
  const lacks = asked?.state === "declined" && asked.why === "no_way"; // those there are were made on other phones
  const ways = hasWay ? [yes, lacks && way] : way;
  return (
    <Notice sign="device" title={gettext("Take over your learning")} ways={ways}>
      <p>{gettext("Until now somebody looks after your learning here: they can see it, take it to their phones, and have it erased.")}</p>
      {hasWay ? (
        <p>{gettext("When you take over, that ends. All other phones leave it; you can add your own again. It cannot be undone.")}</p>
      ) : (
        <p>{gettext("Make a way back in first, so that you do not lose it with this phone: a passkey, a mail address, or a recovery kit on paper.")}</p>
      )}
      <div role="status">
        {waits && <p>{gettext("Saved on this device. It holds once it has been sent.")}</p>}
        {asked?.state === "declined" && <p>{refusedWords(asked.why ?? "")}</p>}
      </div>
    </Notice>
  );
}

/** @param {string} why */
function refusedWords(why) {
  if (why === "no_way")
    return gettext("Make a way back in first, so that you do not lose it with this phone: a passkey, a mail address, or a recovery kit on paper.");
  if (why === "not_yet") return gettext("This works on the phone that was let in as your own. Ask whoever looks after you.");
  return whyWords(why);
}
