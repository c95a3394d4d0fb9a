/** Who is here? One scan, a list of all learners of this phone with a tick each, and what became of each of them. */
import { useEffect, useRef, useState } from "preact/hooks";
import { asksFirst, checkInAll, group, membersAt, rememberLast } from "../actions/group.js";
import { gettext, language, ngettext } from "../i18n.js";
import { timeOf } from "./date-words.js";
import { GroupPin } from "./group-pin.jsx";
import { GroupResults } from "./group-results.jsx";
import { Notice } from "./notice.jsx";
import { PersonPicture } from "./people-pictures.jsx";
import { useLive } from "./use-live.js";

/** @typedef {import("../actions/group.js").Member} Member */
/** @typedef {import("../actions/group.js").Scanned} Scanned */

/** @param {{ code: Scanned, stop: {title: string, url: string | null}, onAgain?: () => void }} props */
export function GroupScan({ code, stop, onAgain }) {
  const members = useLive(() => membersAt(code), ["people", "device", "outbox", "feed"]);
  const [kept, setOut] = useState(/** @type {Set<string> | null | undefined} */ (null));
  const [done, setDone] = useState(/** @type {number | null} */ (null));
  const [entries, setEntries] = useState(/** @type {import("../actions/group.js").Entry[] | null} */ (null));
  useEffect(() => {
    group().then(
      (before) => setOut(before.out && new Set(before.out)),
      () => setOut(undefined),
    );
  }, []);
  if (members === undefined || kept === null) return null;
  if (members === null) return <Notice tone="warn" title={gettext("Nothing can be kept on this device")} />;
  const out = kept ?? withoutNames(members);
  if (entries) return <GroupResults code={code} stop={stop} entries={entries} onAgain={onAgain} />;

  const here = members.filter((one) => !asksFirst(one) && !out.has(one.learner));
  const send = async () => {
    if (done !== null) return;
    setDone(0);
    const found = await checkInAll(code, here, setDone);
    navigator.vibrate?.(60);
    await rememberLast(stop, [...out], found).catch(console.warn);
    setEntries(found);
  };
  return (
    <Choice members={members} here={here} stop={stop.title} done={done} onOut={setOut} onSend={() => void send()} />
  );
}

/**
 * The first time: whoever has no name among those who have one is the phone's owner, who leads the group.
 * @param {Member[]} members
 */
function withoutNames(members) {
  const nameless = members.some(({ name }) => name) ? members.filter(({ name }) => !name) : [];
  return new Set(nameless.map(({ learner }) => learner));
}

/**
 * @param {{ members: Member[], here: Member[], stop: string, done: number | null, onOut: (out: Set<string>) => void, onSend: () => void }} props
 */
function Choice({ members, here, stop, done, onOut, onSend }) {
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  useEffect(() => {
    heading.current?.focus();
    heading.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const out = new Set(members.filter((one) => !asksFirst(one) && !here.includes(one)).map(({ learner }) => learner));
  /** @param {string} learner */
  const toggle = (learner) => {
    const next = new Set(out);
    if (!next.delete(learner)) next.add(learner);
    onOut(next);
  };
  const all = members.filter((one) => !asksFirst(one));
  return (
    <form
      class="group card"
      aria-labelledby="group-title"
      onSubmit={(event) => {
        event.preventDefault();
        onSend();
      }}
    >
      <h2 id="group-title" ref={heading} tabIndex={-1}>
        {gettext("Who is here?")}
      </h2>
      {stop && (
        <p class="muted" dir="auto">
          {stop}
        </p>
      )}
      <div class="group-all">
        <p role="status">{ngettext("%(here)s of %(num)s ticked", "%(here)s of %(num)s ticked", members.length, { here: here.length })}</p>
        <button type="button" class="button button-quiet button-small" onClick={() => onOut(new Set(here.length < all.length ? [] : all.map(({ learner }) => learner)))}>
          {here.length < all.length ? gettext("Tick all") : gettext("Tick nobody")}
        </button>
      </div>
      <ul class="group-list">
        {members.map((one) => (
          <li key={one.learner}>
            {asksFirst(one) ? (
              <GroupPin one={one} />
            ) : (
              <label class="group-one">
                <input type="checkbox" checked={here.includes(one)} onChange={() => toggle(one.learner)} />
                <PersonPicture name={one.picture} />
                <span class="group-name" dir="auto">
                  {one.name || gettext("No name yet")}
                </span>
                {one.earlier && (
                  <span class="group-note">{gettext("in since %(time)s", { time: timeOf(one.earlier.at) })}</span>
                )}
              </label>
            )}
          </li>
        ))}
      </ul>
      <div class="group-send">
        <button type="submit" class="button" aria-disabled={done !== null || !here.length}>
          {done !== null
            ? gettext("%(done)s of %(all)s…", { done, all: here.length })
            : ngettext("Check in %(num)s", "Check in %(num)s", here.length)}
        </button>
        <a class="group-way" href={`/${language()}/people#group`}>
          {gettext("Change the group")}
        </a>
      </div>
    </form>
  );
}
