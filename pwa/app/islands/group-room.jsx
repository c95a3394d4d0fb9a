/** Setting up a group: whether this phone checks one in, its list of names, who with a PIN has said yes, and the last time. */
import { useEffect, useRef, useState } from "preact/hooks";
import { addClass, asksFirst, changeGroup, group, letLeave, MOST_NAMES, readNames } from "../actions/group.js";
import { gettext, language, ngettext } from "../i18n.js";
import { timeOf } from "./date-words.js";
import { GroupPin } from "./group-pin.jsx";
import { GroupResults } from "./group-results.jsx";
import { PICTURE_NAMES } from "./people-pictures.jsx";
import { useLive } from "./use-live.js";

/** @typedef {import("../store/people.js").Someone} Someone */

/** @param {{ all: Someone[], onDone: () => void }} props */
export function GroupRoom({ all, onDone }) {
  const now = useLive(group, ["settings"]);
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  useEffect(() => heading.current?.focus(), [Boolean(now)]);
  if (!now) return null;
  const locked = all.filter((one) => one.locked);
  return (
    <div class="stack">
      <h2 ref={heading} tabIndex={-1}>
        {gettext("Check in a group")}
      </h2>
      <p>{gettext("For a family, a class or a club with one phone: after a scan you tick who is here, and each is checked in as themselves.")}</p>
      <label class="card group-switch">
        <input type="checkbox" role="switch" checked={Boolean(now.on)} onChange={(event) => void changeGroup({ on: event.currentTarget.checked })} />
        <span>{gettext("This phone checks in a group")}</span>
      </label>
      {now.on && (
        <>
          <p role="status">{ngettext("%(num)s learner on this phone", "%(num)s learners on this phone", all.length)}</p>
          <ClassList isEmpty={all.length < 2} />
          {locked.length > 0 && <Locked all={locked} />}
          {now.place && (
            <p>
              {now.place === "yes" ? gettext("Codes that ask for the place: always compared.") : gettext("Codes that ask for the place: never compared.")}{" "}
              <button type="button" class="button button-quiet button-small" onClick={() => void changeGroup({ place: undefined })}>
                {gettext("Ask each time")}
              </button>
            </p>
          )}
          {now.last && (
            <details class="group-last">
              <summary>{gettext("The last time: %(time)s", { time: timeOf(now.last.at) })}</summary>
              <GroupResults key={now.last.at} entries={named(now.last.entries, all)} stop={now.last} />
            </details>
          )}
        </>
      )}
      <div class="people-ways">
        {now.on && all.length > 0 && (
          <a class="button" href={`/${language()}/scan`}>
            {gettext("Scan a code")}
          </a>
        )}
        <button type="button" class="button button-quiet" onClick={onDone}>
          {gettext("Back")}
        </button>
      </div>
    </div>
  );
}

/**
 * Who has gone from this phone is not shown.
 * @param {Omit<import("./group-results.jsx").Entry, "name" | "picture">[]} entries
 * @param {Someone[]} all
 */
function named(entries, all) {
  return entries.flatMap((entry) => {
    const who = all.find(({ learner }) => learner === entry.learner);
    return who ? [{ ...entry, name: who.name, picture: who.picture }] : [];
  });
}

/** @param {{ isEmpty: boolean }} props */
function ClassList({ isEmpty }) {
  const [opens] = useState(isEmpty); // and stays so, with the words, when names have come
  const [text, setText] = useState("");
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const names = readNames(text);
  const tooMany = names.length > MOST_NAMES;
  /** @param {Event} event */
  const send = async (event) => {
    event.preventDefault();
    if (busy || !names.length || tooMany) return;
    setBusy(true);
    try {
      const came = await addClass(names, PICTURE_NAMES);
      const known = names.length - came;
      const words = ngettext("%(num)s was added.", "%(num)s were added.", came);
      setSaid(known ? `${words} ${ngettext("%(num)s was here already.", "%(num)s were here already.", known)}` : words);
      setText("");
    } catch (error) {
      console.warn(error);
      setSaid(gettext("Not saved. Please try again."));
    }
    setBusy(false);
  };
  return (
    <details class="card" open={opens}>
      <summary>{gettext("Class list")}</summary>
      <form class="stack" onSubmit={send}>
        <div class="field">
          <label for="class-list">{gettext("One name a line, up to 40")}</label>
          <textarea id="class-list" rows={6} dir="auto" autocomplete="off" spellcheck={false} aria-describedby="class-words" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </div>
        <p class="muted">{gettext("First names or nicknames are enough. They never leave this phone.")}</p>
        <p id="class-words" role="status" class={tooMany ? "tone-bad task-word" : ""}>
          {tooMany ? gettext("More than 40 names. Add them in two lists.") : names.length ? ngettext("%(num)s name", "%(num)s names", names.length) : said}
        </p>
        <button type="submit" class="button" aria-disabled={busy || !names.length || tooMany}>
          {gettext("Add them")}
        </button>
      </form>
    </details>
  );
}

/** @param {{ all: Someone[] }} props */
function Locked({ all }) {
  return (
    <section class="card" aria-labelledby="group-locked">
      <h3 id="group-locked">{gettext("Learners with a PIN")}</h3>
      <p class="muted">{gettext("A PIN says that nobody else acts for you. So whoever has one says yes once. The group can then check them in, and nothing more.")}</p>
      <ul class="group-list">
        {all.map((one) => (
          <li key={one.learner}>
            {asksFirst(one) ? (
              <GroupPin one={one} />
            ) : (
              <p class="group-one">
                <span class="group-name" dir="auto">
                  {one.name}
                </span>
                <button type="button" class="button button-quiet button-small" aria-label={gettext("No longer with %(name)s", { name: one.name })} onClick={() => void letLeave(one.learner)}>
                  {gettext("No longer")}
                </button>
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
