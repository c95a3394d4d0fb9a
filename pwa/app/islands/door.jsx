/** The door: opened once by a link, then usable with no network. Shows which sessions' doors this phone holds. */
import "../load/visiting.js";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { prepareForOffline } from "../actions/app-worker.js";
import { followDoors, openDoor, openings, shutBy } from "../actions/door.js";
import { clockOf } from "../actions/door-code.js";
import { readDoorLink } from "../actions/door-links.js";
import { askToLast } from "../actions/room.js";
import { gettext } from "../i18n.js";
import { doors } from "../store/doors.js";
import { DoorRoom } from "./door-room.jsx";
import { whenOf } from "./door-words.js";
import { Opening } from "./door-opening.jsx";
import { Notice } from "./notice.jsx";
import { bringCodes } from "./qr-code.jsx";
import { useLive } from "./use-live.js";

/** How often the server is asked who came in at the other doors, while somebody looks. */
const EVERY_MS = 15_000;
/** So long after its end somebody may still stand at a session's door. */
const LATE_MS = 3600_000;

/** @param {HTMLElement} element */
export function start(element) {
  const { hash, pathname } = location;
  // A link opened while this page is open changes no more than what follows the "#".
  addEventListener("hashchange", () => readDoorLink(location.hash) && location.reload());
  if (hash) history.replaceState(history.state, "", pathname);
  const page = element.firstElementChild;
  element.replaceChildren();
  render(<Door link={readDoorLink(hash)} broken={hash.length > 1 && !readDoorLink(hash)} page={page} />, element);
}

/** @param {{ link: string | null, broken: boolean, page: Element | null }} props */
function Door({ link, broken, page }) {
  const [event, setEvent] = useState(/** @type {string | "unsaved" | null} */ (null));
  const [chosen, setChosen] = useState(/** @type {string | null | undefined} */ (undefined));
  const known = useLive(doors, ["doors"]);
  const waiting = useLive(openings, ["outbox", "doors"]);
  useEffect(() => {
    if (!link) return;
    void askToLast().catch(() => false);
    openDoor(link).then(({ id }) => setEvent(id), (error) => {
      console.warn(error);
      setEvent("unsaved");
    });
  }, [link]);
  useFollowing(event);

  if (known === null || event === "unsaved") return <Unsaved />;
  if (known === undefined || waiting === undefined || (link && !event)) return null;
  const running = known.filter((door) => standing(door) === "now");
  const alone = running.length === 1 ? running[0].occurrence : null;
  const arrived = event && known.find((door) => door.opened === event)?.occurrence;
  const shown = known.find(({ occurrence }) => occurrence === (chosen === undefined ? (arrived ?? (waiting?.length ? null : alone)) : chosen));
  if (shown) return <DoorRoom key={shown.occurrence} occurrence={shown.occurrence} onLeave={() => setChosen(null)} />;
  return (
    <div class="stack">
      {broken && (
        <Notice tone="warn" title={gettext("This is not a whole link")}>
          <p>{gettext("Part of it is missing. Scan it once more, or ask for it again.")}</p>
        </Notice>
      )}
      {(waiting ?? []).map((item) => (
        <Opening key={item.id} item={item} />
      ))}
      {known.length > 0 ? <Choice all={known} onChoose={setChosen} /> : !waiting?.length && <Page page={page} />}
    </div>
  );
}

/**
 * Ask at once, then again and again while somebody looks.
 * @param {string | null} event asks anew when it changes
 */
function useFollowing(event) {
  useEffect(() => {
    const ask = () => {
      if (document.visibilityState === "visible") void followDoors();
    };
    ask();
    bringCodes();
    void prepareForOffline({ decoder: true });
    const timer = setInterval(ask, EVERY_MS);
    addEventListener("online", ask);
    document.addEventListener("visibilitychange", ask);
    return () => {
      clearInterval(timer);
      removeEventListener("online", ask);
      document.removeEventListener("visibilitychange", ask);
    };
  }, [event]);
}

/** The page's own words say how to get a link. @param {{ page: Element | null }} props */
function Page({ page }) {
  return <div ref={(room) => void (page && room && room.replaceChildren(page))} />;
}

/**
 * Now: people may be let in, and the session is not long over.
 * @param {Door} door
 * @returns {"now" | "next" | "over"}
 */
function standing(door) {
  const why = shutBy(door);
  if (why) return why === "early" ? "next" : "over";
  return clockOf(door) < door.reply.occurrence.ends + LATE_MS ? "now" : "over";
}

/** @param {{ all: Door[], onChoose: (occurrence: string) => void }} props */
function Choice({ all, onChoose }) {
  const groups = [
    { title: gettext("Now"), doors: all.filter((door) => standing(door) === "now") },
    { title: gettext("Next"), doors: all.filter((door) => standing(door) === "next") },
    { title: gettext("Over or closed"), doors: all.filter((door) => standing(door) === "over").reverse() },
  ].filter(({ doors }) => doors.length);
  return (
    <>
      <h2>{gettext("Which session?")}</h2>
      {groups.map(({ title, doors }) => (
        <section key={title} class="stack door-choice">
          <h3>{title}</h3>
          {doors.map((door) => (
            <button key={door.occurrence} type="button" class="card door-choice-one" onClick={() => onChoose(door.occurrence)}>
              <bdi class="card-title">{door.reply.occurrence.title}</bdi>
              <span>{whenOf(door.reply.occurrence)}</span>
              {door.reply.occurrence.cancelled && <span class="chip chip-warn">{gettext("Cancelled")}</span>}
              {["over", "suspended"].includes(String(shutBy(door))) && <span class="chip chip-warn">{gettext("Closed for this phone")}</span>}
            </button>
          ))}
        </section>
      ))}
    </>
  );
}

function Unsaved() {
  return (
    <Notice tone="bad" title={gettext("Nothing can be kept on this device")}>
      <p>{gettext("A door must remember whom it let in. Open the link in a normal window, or make room on this phone.")}</p>
    </Notice>
  );
}
