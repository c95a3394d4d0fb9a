/** What the learner did, thing by thing: first what is on its way, then what was accepted. */
import { gettext, ngettext } from "../i18n.js";
import { isDoorWork, isSentBack } from "../store/outbox.js";
import { ItemState, Over } from "./item-state.jsx";
import { timeOf } from "./date-words.js";
import { UploadState } from "./upload-state.jsx";

/** @typedef {import("./learning-view.js").Names} Names */

/** @param {{items: OutboxItem[], needing: OutboxItem[], beyond: import("./learning-view.js").Beyond, names: Names}} props */
export function Journal({ items, needing, beyond, names }) {
  const shown = items.filter((item) => item.state !== "declined" && !isSentBack(item) && !needing.includes(item));
  const isSettled = (/** @type {OutboxItem} */ { id, state }) => state === "accepted" && !beyond.items.has(id);
  const underway = shown.filter((item) => !isSettled(item));
  const accepted = shown.filter(isSettled);
  if (!shown.length && !beyond.letIn.length) return null;
  return (
    <section aria-labelledby="journal">
      <h2 id="journal">{gettext("What you did")}</h2>
      {underway.length + beyond.letIn.length > 0 && (
        <ul class="journal">
          {beyond.letIn.map((row) => (
            <LetIn key={row.event} row={row} names={names} />
          ))}
          {underway.map((item) => (
            <Entry key={item.id} item={item} names={names} over={beyond.items.has(item.id)} />
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

/** Let in at a door beyond the places, and this phone recorded nothing itself. @param {{row: CheckinRow, names: Names}} props */
function LetIn({ row, names }) {
  return (
    <li class="entry" data-state="accepted">
      <Head stop={names.stops.get(row.activity) ?? names.sessions.get(row.occurrence ?? "")} place={gettext("A session")} at={Date.parse(row.at)} />
      <p class="entry-what">{gettext("Confirmed at the door")}</p>
      <Over />
    </li>
  );
}

/** @param {{stop: {title: string, url: string} | undefined, place: string, at: number}} props */
function Head({ stop, place, at }) {
  return (
    <div class="entry-head">
      <p class="entry-title" dir="auto">
        {stop ? <a href={stop.url}>{stop.title}</a> : place}
      </p>
      <time class="entry-time" dateTime={new Date(at).toISOString()}>
        {timeOf(at)}
      </time>
    </div>
  );
}

/** @param {{item: OutboxItem, names: Names, over?: boolean, onDismiss?: () => void}} props */
export function Entry({ item, names, over, onDismiss }) {
  const { activity, point } = item.body;
  const stop =
    names.stops.get(activity ?? names.activities.get(point) ?? names.activities.get(item.body.event ?? item.id) ?? "") ??
    names.sessions.get(item.body.occurrence);
  const detail = detailWords(item, names);
  return (
    <li class="entry" data-state={item.state}>
      <Head stop={stop} place={placeWords(item, names) ?? gettext("A stop")} at={item.at} />
      <p class="entry-what">
        {whatWords(item)}
        {detail && <span dir="auto">{detail}</span>}
      </p>
      <ItemState item={item} />
      {over && <Over />}
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
    case "award.take":
      return gettext("Took badges that were given to me");
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
  if (type === "badge.claim" || type === "award.take") return gettext("A badge");
  if (type.startsWith("session.")) return gettext("A session");
  if (type === "playlist.save" || type === "playlist.forget") return names.playlists.get(body.playlist) ?? gettext("A playlist");
  if (isDoorWork({ type })) return gettext("At the door");
}
