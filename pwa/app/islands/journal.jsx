/** What the learner did, thing by thing: first what is on its way, then what was accepted. */
import { gettext, ngettext } from "../i18n.js";
import { isDoorWork, isSentBack } from "../store/outbox.js";
import { ItemState } from "./item-state.jsx";
import { timeOf } from "./date-words.js";
import { UploadState } from "./upload-state.jsx";

/** @typedef {import("./learning-view.js").Names} Names */

/** @param {{items: OutboxItem[], needing: OutboxItem[], names: Names}} props */
export function Journal({ items, needing, names }) {
  const shown = items.filter((item) => item.state !== "declined" && !isSentBack(item) && !needing.includes(item));
  const underway = shown.filter(({ state }) => state !== "accepted");
  const accepted = shown.filter(({ state }) => state === "accepted");
  if (!shown.length) return null;
  return (
    <section aria-labelledby="journal">
      <h2 id="journal">{gettext("What you did")}</h2>
      {underway.length > 0 && (
        <ul class="journal">
          {underway.map((item) => (
            <Entry key={item.id} item={item} names={names} />
          ))}
        </ul>
      )}
      {accepted.length > 0 && (
        <details class="journal-accepted" open={!underway.length}>
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
export function Entry({ item, names, onDismiss }) {
  const { activity, point } = item.body;
  const stop =
    names.stops.get(activity ?? names.activities.get(point) ?? names.activities.get(item.body.event ?? item.id) ?? "") ??
    names.sessions.get(item.body.occurrence);
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

/** @param {OutboxItem} item */
function whatWords({ type, body, blobs }) {
  switch (type) {
    case "checkin.appeal":
      return gettext("Asked the organiser to look again");
    case "checkin.scan":
      if (body.proof?.[0] === "5") return gettext("Confirmed at the door");
      return body.typed ? gettext("Checked in by a typed code") : gettext("Checked in by a scanned code");
    case "task.answer":
      return gettext("Answered");
    case "evidence.submit":
      return handedInWords(blobs);
    case "badge.claim":
      return gettext("Asked for by a code");
    case "session.reserve":
      return gettext("Asked for a place");
    case "session.cancel":
      return gettext("Gave the place back");
    case "playlist.save":
      return gettext("Saved for offline");
    case "playlist.forget":
      return gettext("Removed from this phone");
    case "checkin.confirm":
      return gettext("Let somebody in");
    case "checkin.undo":
      return gettext("Took somebody out again");
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
  if (type === "badge.claim") return gettext("A badge");
  if (type.startsWith("session.")) return gettext("A session");
  if (type === "playlist.save" || type === "playlist.forget") return names.playlists.get(body.playlist) ?? gettext("A playlist");
  if (isDoorWork({ type })) return gettext("At the door");
}
