/** Who is in and who is expected: searched, ticked by name, taken back, and given out as a file. */
import { useState } from "preact/hooks";
import { decide } from "../actions/door-decide.js";
import { letIn, takeBack } from "../actions/door.js";
import { gettext, ngettext } from "../i18n.js";
import { downloadList } from "./door-file.js";
import { DoorGuest } from "./door-guest.jsx";
import { DoorRow } from "./door-row.jsx";
import { nameOf } from "./door-words.js";
import { Snackbar } from "./door-snackbar.jsx";

/** @typedef {import("../actions/door-view.js").Row} Row */
/** @typedef {{learner: string} | {guest: string}} Who */

/** @type {Record<string, (row: Row) => boolean>} */
const FILTERS = {
  all: () => true,
  expected: ({ state }) => state === "expected",
  in: ({ state }) => state === "in",
  review: ({ state, over }) => state === "in" && over,
  out: ({ state }) => state === "undone" || state === "removed" || state === "refused",
};

/** @param {import("./door-room.jsx").Seen & { shut: boolean }} props */
export function DoorList({ door, view, shut }) {
  const [words, setWords] = useState("");
  const [filter, setFilter] = useState("all");
  const [last, setLast] = useState(/** @type {{event: string, name: string} | null} */ (null));
  const [asked, setAsked] = useState(/** @type {{who: Who, name: string} | null} */ (null));
  const shown = view.rows.filter((row) => FILTERS[filter](row) && nameOf(row).toLocaleLowerCase().includes(words.trim().toLocaleLowerCase()));

  /** @param {Who} who @param {string} name @param {boolean} [agreed] */
  const add = async (who, name, agreed = false) => {
    const decision = decide(view, null, agreed ? ["over"] : []);
    if (decision.is !== "in") return setAsked({ who, name });
    setAsked(null);
    const { id } = await letIn(door, who, decision.local);
    setLast({ event: id, name });
  };
  const addGuest = (/** @type {string} */ name) => add({ guest: name }, name);

  return (
    <section class="door-list" aria-label={gettext("List")}>
      <div class="door-search">
        <input type="search" aria-label={gettext("Search a name")} placeholder={gettext("Search a name")} value={words} onInput={(event) => setWords(event.currentTarget.value)} />
        <select aria-label={gettext("Show")} value={filter} onChange={(event) => setFilter(event.currentTarget.value)}>
          <option value="all">{gettext("Everybody")}</option>
          <option value="expected">{gettext("Expected")}</option>
          <option value="in">{gettext("In")}</option>
          <option value="review">{gettext("To be reviewed")}</option>
          <option value="out">{gettext("Taken back or not counted")}</option>
        </select>
      </div>
      {!shut && <DoorGuest onAdd={(name) => addGuest(name || gettext("Guest %(number)s", { number: 1 + view.rows.filter(({ way }) => way === "guest").length }))} />}
      {asked && <Full view={view} name={asked.name} onYes={() => add(asked.who, asked.name, true)} onNo={() => setAsked(null)} />}
      <p class="hidden" role="status">
        {words || filter !== "all" ? ngettext("%(num)s found", "%(num)s found", shown.length) : ""}
      </p>
      <ul class="door-rows">
        {shown.map((row) => (
          <DoorRow
            key={row.key}
            row={row}
            shut={shut}
            onIn={() => add(whoIs(row), nameOf(row))}
            onBack={() => void takeBack(door, row)}
          />
        ))}
      </ul>
      {!shown.length && <p class="door-nobody">{view.rows.length ? gettext("Nobody of that name.") : gettext("Nobody is in yet.")}</p>}
      <button type="button" class="button button-quiet" onClick={() => downloadList(door, view)}>
        {gettext("Download the list (CSV)")}
      </button>
      {last && <Snackbar key={last.event} words={gettext("Let in: %(name)s", { name: last.name })} onUndo={() => takeBack(door, last)} onGone={() => setLast(null)} />}
    </section>
  );
}

/** @param {Row} row @returns {Who} */
const whoIs = ({ learner, name }) => (learner ? { learner } : { guest: name });

/** @param {{ view: import("../actions/door-view.js").View, name: string, onYes: () => void, onNo: () => void }} props */
function Full({ view, name, onYes, onNo }) {
  return (
    <div class="door-full" role="alert">
      <p class="notice-title">{gettext("Full: %(count)s of %(capacity)s", { count: view.count, capacity: view.capacity })}</p>
      <p>{gettext("%(name)s would stand on the list as “to be reviewed”.", { name })}</p>
      <div class="ways">
        <button type="button" class="button button-quiet" onClick={onNo}>
          {gettext("Not now")}
        </button>
        <button type="button" class="button" onClick={onYes}>
          {gettext("Let in, to be reviewed")}
        </button>
      </div>
    </div>
  );
}
