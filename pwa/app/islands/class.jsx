/** A class's card leaves the address at once, and one tap takes its place; a class's code fills a shared tablet. */
import "../load/visiting.js";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { classStanding, joinClass, leaveClass, lookUpClass, myClasses, putClassOnPhone, putOnPhone, readClassCode } from "../actions/classes.js";
import { switchTo } from "../actions/people.js";
import { gettext, language, ngettext } from "../i18n.js";
import { everyone } from "../store/people.js";
import { dateWords } from "./date-words.js";
import { Sign } from "./icons.jsx";
import { whyWords } from "./item-state.jsx";
import { Notice } from "./notice.jsx";
import { OfTurn } from "./of-turn.jsx";
import { PICTURE_NAMES } from "./people-pictures.jsx";
import { NotKept, useAsking } from "./use-asking.jsx";
import { useLive } from "./use-live.js";

/** @typedef {import("../actions/classes.js").Found} Found */

/** @param {HTMLElement} element */
export function start(element) {
  const { hash, pathname } = location;
  // A card scanned while this page is open changes no more than what follows the "#".
  addEventListener("hashchange", () => readClassCode(location.hash) && location.reload());
  const isCode = hash.length > 1 && !document.getElementById(hash.slice(1));
  if (isCode) history.replaceState(history.state, "", pathname);
  const written = readClassCode(hash);
  const room = isCode ? element : element.appendChild(document.createElement("div"));
  room.replaceChildren();
  render(<OfTurn>{written ? <Card written={written} /> : isCode ? <Broken /> : <Mine />}</OfTurn>, room);
}

function Broken() {
  return (
    <Notice tone="warn" title={gettext("This is not a whole card")}>
      <p>{gettext("Part of it is missing. Scan it once more, or ask for a new one.")}</p>
    </Notice>
  );
}

/** @param {{ written: string }} props */
function Card({ written }) {
  const [found, setFound] = useState(/** @type {Found | "unknown" | null | undefined} */ (undefined));
  const seen = useLive(() => classStanding(written), ["outbox", "feed", "settings"]);
  useEffect(() => void lookUpClass(written).then(setFound), [written]);
  if (seen === undefined || found === undefined) return <p role="status">{gettext("Looking…")}</p>;
  if (seen?.asked) return <Standing asked={seen.asked} row={seen.row} />;
  if (found === "unknown") return <Unknown />;
  if (found?.kind === "class") return <Tablet found={found} />;
  return <Join written={written} found={found} />;
}

function Unknown() {
  return (
    <Notice tone="bad" sign="cross" title={gettext("This card does not work")}>
      <p>{gettext("There is a newer one, or the class has ended. Ask your teacher.")}</p>
    </Notice>
  );
}

/** @param {{ written: string, found: Found | null }} props found: null without a network */
function Join({ written, found }) {
  const people = useLive(everyone, ["people", "device", "settings", "outbox"]);
  const mine = useAsking(() => joinClass(written), false);
  const place = found?.places[0];
  const fresh = useAsking(async () => {
    const [learner] = place ? await putOnPhone([place], PICTURE_NAMES) : [];
    if (learner) await switchTo(learner);
  }, false);
  if (people === undefined) return null;
  if (place?.taken)
    return (
      <Notice
        tone="warn"
        title={gettext("Somebody has taken this card")}
        ways={
          <a class="button button-quiet" href={`/${language()}/join`}>
            {gettext("Use this phone too")}
          </a>
        }
      >
        <p>{gettext("Was that you, on another phone? Then use this phone too, by a code on the first one. Else ask your teacher for a new card.")}</p>
      </Notice>
    );
  const me = people?.find(({ atWork }) => atWork);
  return (
    <div class="stack">
      {found && place ? (
        <div class="card class-place">
          <p class="muted" dir="auto">
            {found.organiser} · {found.name}
          </p>
          <p class="class-pseudonym" dir="auto">
            {place.pseudonym}
          </p>
        </div>
      ) : (
        <p class="lead">{gettext("With this card you join a class. Which one, and as whom, shows when there is signal.")}</p>
      )}
      <p>{gettext("By this pseudonym your teacher sees what you do with them, until the class ends. Nothing else, and no name. All you earn stays yours.")}</p>
      <div class="people-ways">
        <button type="button" class="button button-sun claim-button" aria-disabled={mine.busy} onClick={() => void mine.ask()}>
          <Sign name="check" />
          {me?.name ? gettext("Join as %(name)s", { name: me.name }) : gettext("Join the class")}
        </button>
        {me && place && (
          <button type="button" class="button button-quiet" aria-disabled={fresh.busy} onClick={() => void fresh.ask()}>
            {gettext("Somebody new on this phone")}
          </button>
        )}
      </div>
      <NotKept shown={mine.problem || fresh.problem || people === null} />
    </div>
  );
}

/** @param {{ asked: OutboxItem, row: ClassRow | undefined }} props */
function Standing({ asked: { state, why }, row }) {
  if (state === "declined")
    return (
      <Notice tone="bad" sign="cross" title={gettext("You could not join with this card")}>
        <p>{refusedWords(why ?? "")}</p>
      </Notice>
    );
  const way = (
    <a class="button" href={`/${language()}/`}>
      {gettext("Find something to do")}
    </a>
  );
  if (state !== "accepted" || !row)
    return (
      <Notice tone="ok" sign="device" title={gettext("Saved on this device")} ways={way}>
        <p>{gettext("You can already begin. You are in the class when this has been sent.")}</p>
      </Notice>
    );
  return (
    <Notice tone="ok" sign="check" title={gettext("You are %(pseudonym)s in %(name)s", { pseudonym: row.pseudonym, name: row.name })} ways={way}>
      <p>{gettext("Until %(day)s. All you earn stays yours after that.", { day: dateWords(row.ends_at) })}</p>
    </Notice>
  );
}

/** @param {string} why */
function refusedWords(why) {
  if (why === "card_taken") return gettext("Somebody else has taken it. Ask your teacher for a new one.");
  if (why === "in_class") return gettext("You are in this class already, with another card.");
  if (why === "unknown_card") return gettext("There is a newer one, or the class has ended. Ask your teacher.");
  return whyWords(why);
}

/** @param {{ found: Found }} props */
function Tablet({ found }) {
  const [came, setCame] = useState(/** @type {number | null} */ (null));
  const free = found.places.filter(({ taken }) => !taken);
  const { ask, busy, problem, room } = useAsking(async () => setCame(await putClassOnPhone(found.places, PICTURE_NAMES)), came !== null);
  if (came !== null)
    return (
      <div ref={room} tabIndex={-1} class="ask" role="status">
        <Notice
          tone="ok"
          sign="check"
          title={ngettext("%(num)s person came to this device", "%(num)s people came to this device", came)}
          ways={
            <>
              <a class="button" href={`/${language()}/scan`}>
                {gettext("Scan a code")}
              </a>
              <a class="button button-quiet" href={`/${language()}/people`}>
                {gettext("Who is learning?")}
              </a>
            </>
          }
        >
          <p>{gettext("After a scan you tick who is here, and each is checked in as themselves.")}</p>
        </Notice>
      </div>
    );
  return (
    <div class="stack">
      <div class="card class-place">
        <p class="muted" dir="auto">
          {found.organiser}
        </p>
        <p class="class-pseudonym" dir="auto">
          {found.name}
        </p>
      </div>
      <p>{ngettext("This puts %(num)s pseudonym on this device, as a person of their own.", "This puts %(num)s pseudonyms on this device, each as a person of their own.", free.length)}</p>
      {free.length < found.places.length && (
        <p class="muted">{ngettext("%(num)s learns on another device already.", "%(num)s learn on other devices already.", found.places.length - free.length)}</p>
      )}
      <p class="muted">{gettext("Only for the teacher's or the school's own tablet.")}</p>
      <p>
        <button type="button" class="button button-sun claim-button" aria-disabled={busy || !free.length} onClick={() => free.length && void ask()}>
          <Sign name="check" />
          {gettext("Put them on this device")}
        </button>
      </p>
      <NotKept shown={problem} />
    </div>
  );
}

/** The classes of whoever is at work, and leaving them. */
function Mine() {
  const mine = useLive(myClasses, ["feed", "outbox", "settings"]);
  if (!mine?.length) return null;
  return (
    <section class="stack" aria-labelledby="my-classes">
      <h2 id="my-classes">{gettext("My classes")}</h2>
      {mine.map(({ member, name, organiser, pseudonym, ends_at, leaving }) => (
        <article class="card stack" key={member} aria-label={name}>
          <p>
            <strong dir="auto">{name}</strong>
            <br />
            <span class="muted" dir="auto">
              {gettext("As %(pseudonym)s, with %(organiser)s, until %(day)s", { pseudonym, organiser, day: dateWords(ends_at) })}
            </span>
          </p>
          {leaving ? (
            <p role="status">{gettext("Saved on this device. It holds once it has been sent.")}</p>
          ) : (
            <details>
              <summary>{gettext("Leave this class")}</summary>
              <div class="stack">
                <p>{gettext("Your teacher then sees nothing more of you. What you have earned stays yours. To come back you need the card again.")}</p>
                <p>
                  <button type="button" class="button button-quiet" onClick={() => void leaveClass(member)}>
                    {gettext("Leave")}
                  </button>
                </p>
              </div>
            </details>
          )}
        </article>
      ))}
    </section>
  );
}
