/** What needs the learner, before all else: what was refused, sent back for more, taken back, or lost, and what to do about it. */
import { dismiss } from "../actions/outbox.js";
import { gettext, ngettext } from "../i18n.js";
import { dayOf } from "./date-words.js";
import { ItemState } from "./item-state.jsx";
import { Entry } from "./journal.jsx";
import { TakenBack } from "./taken-back.jsx";

/**
 * @param {{items: OutboxItem[], flags: import("../store/flags.js").Flag[], names: import("./learning-view.js").Names, onPutAway: () => void}} props
 */
export function NeedsYou({ items, flags, names, onPutAway }) {
  const count = items.length + flags.filter(({ needs }) => needs).length;
  if (!items.length && !flags.length) return null;
  return (
    <section aria-labelledby="needs-you">
      <h2 id="needs-you" class={count ? "needs-you tone-bad" : "needs-you"}>
        {count ? ngettext("%(num)s needs you", "%(num)s need you", count) : gettext("Looked at again")}
      </h2>
      <ul class="journal">
        {flags.map((flag) => (
          <TakenBack key={flag.event} flag={flag} names={names} onPutAway={onPutAway} />
        ))}
        {items.map((item) => {
          const putAway = () => void dismiss(item.id).then(onPutAway);
          return item.type === "event.lost" ? (
            <Loss key={item.id} item={item} onDismiss={putAway} />
          ) : (
            <Entry key={item.id} item={item} names={names} onDismiss={putAway} />
          );
        })}
      </ul>
    </section>
  );
}

/** @param {{item: OutboxItem, onDismiss: () => void}} props */
function Loss({ item, onDismiss }) {
  return (
    <li class="entry" data-state="declined">
      <p class="entry-title">{lossWords(item)}</p>
      <ItemState item={{ state: "lost" }} />
      <p class="entry-what">
        {gettext("Please look what is missing in your playlists and do it once more. If you cannot, tell the organiser: they see that something of yours was lost.")}
      </p>
      <p class="entry-ways">
        <button type="button" class="button button-quiet button-small" onClick={onDismiss}>
          {gettext("Put away")}
        </button>
      </p>
    </li>
  );
}

/**
 * When it was done is known by what is left around it.
 * @param {OutboxItem} item
 */
function lossWords({ at, body, lost }) {
  const count = body.seq[1] - body.seq[0] + 1;
  const [after, before] = [lost?.after ?? null, lost?.before ?? null];
  const [from, to] = [after ?? before ?? at, before ?? after ?? at].map(dayOf);
  if (from === to) return ngettext("%(num)s thing that you did on %(day)s", "%(num)s things that you did on %(day)s", count, { day: from });
  return ngettext("%(num)s thing that you did between %(from)s and %(to)s", "%(num)s things that you did between %(from)s and %(to)s", count, { from, to });
}
