/** The children whom somebody looks after: how each stands, what they have done, further phones, consent. */
import { useEffect, useRef, useState } from "preact/hooks";
import { bringChild, changeConsent, children, letOwnPhoneIn, lookAgain } from "../actions/children.js";
import { removePerson, switchTo } from "../actions/people.js";
import { gettext, inLanguage, language, ngettext } from "../i18n.js";
import { outboxItem } from "../store/outbox.js";
import { ChildData } from "./child-data.jsx";
import { AddChild, consentOf, ConsentWords } from "./child-form.jsx";
import { dateWords, timeOf } from "./date-words.js";
import { ErasedNotice } from "./erased-notice.jsx";
import { whyWords } from "./item-state.jsx";
import { Notice } from "./notice.jsx";
import { PersonForm } from "./people-form.jsx";
import { PersonPicture } from "./people-pictures.jsx";
import { QrCode } from "./qr-code.jsx";
import { useLive } from "./use-live.js";

/** @typedef {import("../actions/children.js").Child} Child */
/** @typedef {import("./child-form.jsx").Facts} Facts */
/** @typedef {import("../store/people.js").Someone} Someone */
/** @typedef {{is: "all"} | {is: "add"} | {is: "bring" | "phone", child: Child}} View */

/** How often the server is asked again, while somebody looks. */
const AGAIN_MS = 5_000;

/** @param {{ all: Someone[], facts: Facts, onDone: (words?: string) => void }} props */
export function Children({ all, facts, onDone }) {
  const found = useLive(children, ["feed", "outbox", "people", "settings"]);
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  const [view, setView] = useState(/** @type {View} */ ({ is: "all" }));
  const [said, setSaid] = useState("");
  useEffect(() => heading.current?.focus(), [view, Boolean(found)]);
  const waits = found?.some(({ asked }) => asked?.state === "received");
  useEffect(() => {
    // The server had not met the child's phone yet; it decides by itself once it has, and is asked for that here.
    const timer = waits ? setInterval(lookAgain, AGAIN_MS) : undefined;
    return () => clearInterval(timer);
  }, [waits]);
  if (!found) return null;
  const back = (words = "") => {
    setView({ is: "all" });
    setSaid(words);
  };
  if (view.is === "add") return <AddChild all={all} known={found.map(({ learner }) => learner)} facts={facts} onDone={back} />;
  if (view.is === "phone") return <OwnPhone child={view.child} onDone={() => back()} />;
  if (view.is === "bring") return <Bring child={view.child} all={all} onDone={back} />;
  return (
    <section class="stack">
      <h2 ref={heading} tabIndex={-1}>
        {gettext("My children")}
      </h2>
      <ErasedNotice />
      <div role="status">{said && <Notice tone="ok" sign="check" title={said} />}</div>
      {!found.length && (
        <p>{gettext("You can look after a child's learning: agree for them, see what they have done, bring them to a new phone of yours, and have everything erased. They need no mail address. Later they take over by themselves.")}</p>
      )}
      {found.map((child) => (
        <ChildCard key={child.learner} child={child} facts={facts} onView={setView} onSaid={setSaid} />
      ))}
      <div class="people-ways">
        <button type="button" class={found.length ? "button button-quiet" : "button"} onClick={() => setView({ is: "add" })}>
          {gettext("Add a child")}
        </button>
        <button type="button" class="button button-quiet" onClick={() => onDone()}>
          {gettext("Back")}
        </button>
      </div>
    </section>
  );
}

/** Somebody tall and somebody small. */
export function FamilySign() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
      <path d="M8.500 9.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM3.500 20v-2a5 5 0 0 1 9-3M17 15a2.200 2.200 0 1 0 0-4.400 2.200 2.200 0 0 0 0 4.400zM13.500 20.500a3.500 3.500 0 0 1 7 0" />
    </svg>
  );
}

/** How a guardian calls a child here, or what their account knows. @param {Child} child */
function nameOf({ person, row }) {
  return person?.name || row?.name || (row?.born ? gettext("A child born in %(year)s", { year: row.born }) : gettext("A child"));
}

/** @param {{ child: Child, facts: Facts, onView: (view: View) => void, onSaid: (words: string) => void }} props */
function ChildCard({ child, facts, onView, onSaid }) {
  const { row, person, asked, did } = child;
  const name = nameOf(child);
  if (row?.freed_at) return <Freed child={child} name={name} onSaid={onSaid} />;
  const refused = asked?.state === "declined";
  if (asked?.type === "child.erase" && !refused) return <Going name={name} />;
  const said = asked?.type === "child.consent" && !refused; // and not sent yet: it is said once
  return (
    <article class="card stack child" aria-label={name}>
      <div class="child-head">
        <PersonPicture name={person?.picture || row?.picture || ""} />
        <div>
          <h3 dir="auto">{name}</h3>
          <p class="muted">{standingWords(child)}</p>
        </div>
      </div>
      {refused && (
        <Notice tone="warn" title={gettext("This was not accepted")}>
          <p>{refusedWords(asked.why ?? "")}</p>
        </Notice>
      )}
      {row && row.alone_from <= new Date().getFullYear() && (
        <Notice sign="clock" title={gettext("%(name)s is old enough to take over", { name })}>
          <p>{gettext("From this age on young people decide for themselves. Help them to a phone of their own, and to a way back in.")}</p>
        </Notice>
      )}
      {!person && row && !row.withdrawn && (
        <p class="people-ways">
          <button type="button" class="button" onClick={() => onView({ is: "bring", child })}>
            {gettext("Bring to this phone")}
          </button>
        </p>
      )}
      {person && <Did did={did} name={name} learner={child.learner} locked={person.locked} />}
      {row && !row.withdrawn && (
        <p class="people-ways">
          <button type="button" class="button button-quiet button-small" onClick={() => onView({ is: "phone", child })}>
            {gettext("A phone of their own")}
          </button>
        </p>
      )}
      {row?.consent && !said && <Withdraw child={child} name={name} onSaid={onSaid} />}
      {row?.withdrawn && !said && <ConsentAnew child={child} facts={facts} onSaid={onSaid} />}
      {row && <ChildData child={child.learner} name={name} onSaid={onSaid} />}
    </article>
  );
}

/** @param {{ name: string }} props */
function Going({ name }) {
  return (
    <article class="child" aria-label={name}>
      <Notice sign="up" title={gettext("Everything of %(name)s is erased as soon as there is a network", { name })}>
        <p>{gettext("You need to do nothing more. Each phone on which they learn empties itself of them when it is next online.")}</p>
      </Notice>
    </article>
  );
}

/** @param {Child} child */
function standingWords({ row, asked }) {
  if (asked && asked.state !== "declined") return gettext("Saved on this device. It holds once it has been sent.");
  if (row?.withdrawn) return gettext("You have withdrawn your consent. Nothing new is taken, and nothing is shown to others.");
  if (row?.consent) return gettext("You agreed on %(date)s.", { date: dateWords(row.consent) });
  return row ? gettext("Decides about this alone, at this age.") : "";
}

/** @param {string} why */
function refusedWords(why) {
  switch (why) {
    case "no_guardian":
      return gettext("A child cannot look after somebody, and somebody with children of their own is no child here. Or this child has taken over.");
    case "too_many":
      return gettext("There are as many as there may be: 20 children, or 6 who look after one child.");
    case "consent_missing":
      return gettext("At this age somebody has to agree for the child first.");
    default:
      return whyWords(why);
  }
}

/** @param {{ did: Child["did"], name: string, learner: string, locked: boolean }} props */
function Did({ did, name, learner, locked }) {
  const begin = async () => {
    if ((await switchTo(learner)) === "switched") location.assign(`/${language()}/learning`);
  };
  return (
    <details>
      <summary>
        {ngettext("%(num)s badge", "%(num)s badges", did.badges.length)}, {ngettext("%(num)s activity done", "%(num)s activities done", did.activities)}
      </summary>
      <div class="stack">
        {did.badges.length > 0 && (
          <ul>
            {did.badges.map((one, place) => (
              <li key={place} dir="auto">
                {inLanguage(/** @type {any} */ (one))}
              </li>
            ))}
          </ul>
        )}
        {!locked && (
          <p class="people-ways">
            <button type="button" class="button button-quiet button-small" onClick={() => void begin()}>
              {gettext("See it as %(name)s", { name })}
            </button>
          </p>
        )}
      </div>
    </details>
  );
}

/** @param {{ child: Child, name: string, onSaid: (words: string) => void }} props */
function Withdraw({ child, name, onSaid }) {
  return (
    <details>
      <summary>{gettext("Withdraw my consent")}</summary>
      <div class="stack">
        <p>{gettext("From then on nothing new of %(name)s is taken by the city, from no phone, and no page, link or wallet shows what they earned. What is only on a phone stays there. What the city has stays as it is until you erase it, here below; if nobody agrees again, it goes by itself after a while.", { name })}</p>
        <p>{gettext("You can agree again later. Then the same phones go on.")}</p>
        <p class="people-ways">
          <button
            type="button"
            class="button button-quiet"
            onClick={async () => {
              await changeConsent(child.learner, null);
              onSaid(gettext("Consent withdrawn"));
            }}
          >
            {gettext("Withdraw it")}
          </button>
        </p>
      </div>
    </details>
  );
}

/** @param {{ child: Child, facts: Facts, onSaid: (words: string) => void }} props */
function ConsentAnew({ child, facts, onSaid }) {
  return (
    <details>
      <summary>{gettext("Agree again")}</summary>
      <div class="stack">
        <ConsentWords facts={facts} />
        <p class="people-ways">
          <button
            type="button"
            class="button"
            onClick={async () => {
              await changeConsent(child.learner, consentOf(facts));
              onSaid(gettext("You have agreed"));
            }}
          >
            {gettext("I agree")}
          </button>
        </p>
      </div>
    </details>
  );
}

/** @param {{ child: Child, name: string, onSaid: (words: string) => void }} props */
function Freed({ child, name, onSaid }) {
  if (!child.person) return null;
  const remove = async () => {
    const left = await removePerson(child.learner);
    onSaid(left ? gettext("Something here was not sent before. Keep it as a file first, in their turn under “Change”.") : gettext("%(name)s was removed from this device", { name }));
  };
  return (
    <article class="child" aria-label={name}>
      <Notice
        tone="ok"
        sign="check"
        title={gettext("%(name)s has taken over", { name })}
        ways={
          <button type="button" class="button button-quiet" onClick={() => void remove()}>
            {gettext("Remove %(name)s from this device", { name })}
          </button>
        }
      >
        <p>{gettext("Their learning goes on with a phone of their own. Nothing new of theirs comes to this one, and nothing is sent from it.")}</p>
      </Notice>
    </article>
  );
}

/** @param {{ child: Child, all: Someone[], onDone: (words?: string) => void }} props */
function Bring({ child, all, onDone }) {
  return (
    <PersonForm
      title={gettext("Bring to this phone: %(name)s", { name: nameOf(child) })}
      taken={all.map(({ picture }) => picture)}
      name={child.row?.name}
      picture={child.row?.picture}
      submit={gettext("Bring to this phone")}
      onCancel={() => onDone()}
      onSubmit={async (who) => {
        await bringChild(child.learner, who);
        onDone(gettext("%(name)s is on this phone now. Badges and progress come by themselves.", { name: who.name }));
      }}
    />
  );
}

/** @param {{ child: Child, onDone: () => void }} props */
function OwnPhone({ child, onDone }) {
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  const [made, setMade] = useState(/** @type {Awaited<ReturnType<typeof letOwnPhoneIn>> | null} */ (null));
  const [failed, setFailed] = useState(false);
  useEffect(() => heading.current?.focus(), []);
  const name = nameOf(child);
  return (
    <section class="stack">
      <h2 ref={heading} tabIndex={-1}>
        {gettext("A phone for %(name)s", { name })}
      </h2>
      {made ? (
        <Shown made={made} />
      ) : (
        <>
          <ol class="phone-steps">
            <li>{gettext("Show a code here, and scan it with the child's phone.")}</li>
            <li>{gettext("There, make a way back in: a passkey, a mail address, or a recovery kit on paper.")}</li>
            <li>{gettext("Then the child can take over, under “Who is learning?”. From that moment nobody else looks after them, and this phone has no part in it any more.")}</li>
          </ol>
          <p>{gettext("Until then both phones are the child's, and you go on looking after it.")}</p>
        </>
      )}
      <p role="alert" class="task-word tone-bad">
        {failed && gettext("Not saved. Please try again.")}
      </p>
      <div class="people-ways">
        {!made && (
          <button type="button" class="button" onClick={() => void letOwnPhoneIn(child.learner).then(setMade, () => setFailed(true))}>
            {gettext("Show the code")}
          </button>
        )}
        <button type="button" class="button button-quiet" onClick={onDone}>
          {made ? gettext("Done") : gettext("Back")}
        </button>
      </div>
    </section>
  );
}

/** @param {{ made: Awaited<ReturnType<typeof letOwnPhoneIn>> }} props */
function Shown({ made }) {
  const item = useLive(() => outboxItem(made.event), ["outbox"], [made.event]);
  return (
    <>
      <QrCode text={made.address} label={gettext("Code for the child's phone")} />
      <p class="phone-state" role="status">
        {item?.state === "accepted"
          ? gettext("Ready: scan it with the child's phone.")
          : gettext("You can scan it now. The other phone is let in as soon as this one has a network.")}
      </p>
      <p class="muted">{gettext("Works once, until %(time)s.", { time: timeOf(made.until) })}</p>
    </>
  );
}
