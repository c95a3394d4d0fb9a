/** One person on the door's list: what the door did, what the city says, and the one thing that can be done. */
import { gettext } from "../i18n.js";
import { DoorSign } from "./door-icons.jsx";
import { cityTimeOf, nameOf, sentWords, stateWords, whereWords, whyWords } from "./door-words.js";
import { PersonPicture } from "./people-pictures.jsx";

/** @typedef {import("../actions/door-view.js").Row} Row */

/** @param {{ row: Row, shut: boolean, onIn: () => void, onBack: () => void }} props */
export function DoorRow({ row, shut, onIn, onBack }) {
  const name = nameOf(row);
  const facts = [stateWords(row), row.at !== null && cityTimeOf(row.at), whereWords(row.where), sentWords(row)].filter(Boolean);
  return (
    <li class="door-row" data-state={row.state} data-over={row.over}>
      {row.picture ? <PersonPicture name={row.picture} class="door-row-picture" /> : <DoorSign name={signOf(row)} class="door-row-picture door-row-sign" />}
      <div>
        <p class="door-row-name">
          <bdi>{name}</bdi>
        </p>
        <p class="door-row-facts">{facts.join("\u00a0· ")}</p>
        {row.state !== "in" && row.why && <p class="door-row-why">{whyWords(row.why)}</p>}
      </div>
      {!shut && row.state === "in" && row.where !== "own" && (
        <button type="button" class="button button-quiet button-small" aria-label={gettext("Undo: %(name)s", { name })} onClick={onBack}>
          {gettext("Undo")}
        </button>
      )}
      {!shut && canComeIn(row) && (
        <button type="button" class="button button-small" aria-label={gettext("Let in: %(name)s", { name })} onClick={onIn}>
          {gettext("Let in")}
        </button>
      )}
    </li>
  );
}

/** By name; whose name the door does not know shows the pass again. @param {Row} row */
const canComeIn = ({ state, learner, way }) => state === "expected" || (state === "undone" && (learner !== null || way === "guest"));

/** @param {Row} row */
function signOf({ state, over }) {
  if (state === "in") return over ? "full" : "in";
  return state === "expected" || state === "undone" ? state : "no";
}
