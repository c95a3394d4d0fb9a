/** What the learner did, thing by thing: first what needs them, then what is on its way, then what was accepted. */
import { useRef } from "preact/hooks";
import { dismiss } from "../actions/outbox.js";
import { gettext, ngettext } from "../i18n.js";
import { ItemState } from "./item-state.jsx";
import { dayOf, timeOf } from "./date-words.js";
import { UploadState } from "./upload-state.jsx";

/** @typedef {import("./learning-view.js").Names} Names */

/** @param {{items: OutboxItem[], lost: OutboxItem[], names: Names}} props */
export function Journal({ items, lost, names }) {
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  const shown = items.filter((item) => !(item.state === "declined" && item.dismissed));
  const refused = shown.filter((item) => item.state === "declined");
  const underway = shown.filter((item) => item.state !== "declined" && item.state !== "accepted");
  const accepted = shown.filter((item) => item.state === "accepted");
  /** @param {OutboxItem} item */
  const putAway = (item) => {
    void dismiss(item.id);
    heading.current?.focus(); // the button goes away with its item
  };
  const needing = refused.length + lost.length;
  if (!shown.length && !lost.length) return null;
  return (
    <section aria-labelledby="journal">
      <h2 id="journal" ref={heading} tabIndex={-1}>
        {gettext("What you did")}
      </h2>
      {needing > 0 && (
        <>
          <h3 class="journal-part tone-bad">{ngettext("%(num)s needs you", "%(num)s need you", needing)}</h3>
          <ul class="journal">
            {lost.map((item) => (
              <Loss key={item.id} item={item} onDismiss={() => putAway(item)} />
            ))}
            {refused.map((item) => (
              <Entry key={item.id} item={item} names={names} onDismiss={() => putAway(item)} />
            ))}
          </ul>
        </>
      )}
      {underway.length > 0 && (
        <ul class="journal">
          {underway.map((item) => (
            <Entry key={item.id} item={item} names={names} />
          ))}
        </ul>
      )}
      {accepted.length > 0 && (
        <details class="journal-accepted" open={!underway.length && !needing}>
          <summary>{ngettext("%(num)s accepted", "%(num)s accepted", accepted.length)}</summary>
          <ul class="journal">
            {accepted.map((item) => (
              <Entry key={item.id} item={item} names={names} />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

/** @param {{item: OutboxItem, names: Names, onDismiss?: () => void}} props */
function Entry({ item, names, onDismiss }) {
  const { activity, point } = item.body;
  const stop = names.stops.get(activity ?? names.activities.get(point) ?? names.activities.get(item.id) ?? "");
  const detail = detailWords(item, names);
  return (
    <li class="entry" data-state={item.state}>
      <div class="entry-head">
        <p class="entry-title" dir="auto">
          {stop ? <a href={stop.url}>{stop.title}</a> : (placeWords(item, names) ?? gettext("A stop"))}
        </p>
        <time class="entry-time" dateTime={new Date(item.at).toISOString()}>
          {timeOf(item.at)}
        </time>
      </div>
      <p class="entry-what">
        {whatWords(item)}
        {detail && <span dir="auto">{detail}</span>}
      </p>
      <ItemState item={item} />
      <UploadState item={item} />
      {onDismiss && (
        <p class="entry-ways">
          {stop && (
            <a class="button button-quiet button-small" href={stop.url}>
              {gettext("Go to the stop")}
            </a>
          )}
          <button type="button" class="button button-quiet button-small" onClick={onDismiss}>
            {gettext("Put away")}
          </button>
        </p>
      )}
    </li>
  );
}

/** @param {{item: OutboxItem, onDismiss: () => void}} props */
function Loss({ item, onDismiss }) {
  return (
    <li class="entry" data-state="declined">
      <p class="entry-title">{lossWords(item)}</p>
      <ItemState item={{ state: "lost" }} />
      <p class="entry-what">
        {gettext("Please look what is missing above and do it once more. If you cannot, tell the organiser: they see that something of yours was lost.")}
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

/** @param {OutboxItem} item */
function whatWords({ type, body, blobs }) {
  switch (type) {
    case "checkin.scan":
      return body.typed ? gettext("Checked in by a typed code") : gettext("Checked in by a scanned code");
    case "task.answer":
      return gettext("Answered");
    case "evidence.submit":
      return handedInWords(blobs);
    case "playlist.save":
      return gettext("Saved for offline");
    case "playlist.forget":
      return gettext("Removed from this phone");
    default:
      return gettext("Feedback given");
  }
}

/** @param {BlobRef[]} files */
function handedInWords(files) {
  if (!files.length) return gettext("Text handed in");
  return files[0].mime.startsWith("audio/")
    ? ngettext("%(num)s sound handed in", "%(num)s sounds handed in", files.length)
    : ngettext("%(num)s photo handed in", "%(num)s photos handed in", files.length);
}

/**
 * @param {OutboxItem} item
 * @param {Names} names
 */
function detailWords({ body }, names) {
  return names.tasks.get(body.task);
}

/**
 * @param {OutboxItem} item
 * @param {Names} names
 */
function placeWords({ type, body }, names) {
  if (type === "playlist.save" || type === "playlist.forget") return names.playlists.get(body.playlist) ?? gettext("A playlist");
}
