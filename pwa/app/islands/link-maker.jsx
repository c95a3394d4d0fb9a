/** Makes a link for somebody: for whom, for how long, with which work. It is made on the phone, with no network too. */
import { useState } from "preact/hooks";
import { makeLink } from "../actions/portfolio.js";
import { gettext } from "../i18n.js";
import { pieceWords, useSaving } from "./badge-copy.jsx";

/** Days; empty: for ever. */
const spans = () => /** @type {[string, string][]} */ ([
  ["1", gettext("One day")],
  ["7", gettext("One week")],
  ["30", gettext("One month")],
  ["", gettext("Until I end it")],
]);

/** @param {{kind: LinkRow["kind"], subject: string | null, pieces?: WorkPiece[]}} props */
export function LinkMaker({ kind, subject, pieces = [] }) {
  const [open, setOpen] = useState(false);
  if (!open)
    return (
      <p>
        <button type="button" class="button button-quiet" onClick={() => setOpen(true)}>
          {gettext("Make a link")}
        </button>
      </p>
    );
  return <LinkForm kind={kind} subject={subject} pieces={pieces} onMade={() => setOpen(false)} />;
}

/** @param {{kind: LinkRow["kind"], subject: string | null, pieces: WorkPiece[], onMade: () => void}} props */
function LinkForm({ kind, subject, pieces, onMade }) {
  const [label, setLabel] = useState("");
  const [days, setDays] = useState("30");
  const [chosen, setChosen] = useState(() => pieces.filter(({ visibility }) => visibility !== "private").map(({ event }) => event));
  const { saving, said } = useSaving();
  const make = async (/** @type {Event} */ event) => {
    event.preventDefault();
    await saving(async () => {
      await makeLink({ kind, subject, label: label.trim(), days: days ? Number(days) : null, evidence: chosen });
      onMade();
    });
  };
  const toggle = (/** @type {string} */ id, /** @type {boolean} */ on) => setChosen(on ? [...chosen, id] : chosen.filter((one) => one !== id));
  return (
    <form class="card link-form" onSubmit={make}>
      <p class="field">
        <label for="link-for">{gettext("For whom? Only you see this.")}</label>
        <input id="link-for" maxLength={80} autocomplete="off" dir="auto" value={label} onInput={(event) => setLabel(event.currentTarget.value)} />
      </p>
      <p class="field">
        <label for="link-days">{gettext("How long does it work?")}</label>
        <select id="link-days" value={days} onChange={(event) => setDays(event.currentTarget.value)}>
          {spans().map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </p>
      {pieces.length > 0 && (
        <fieldset class="badge-work">
          <legend>{gettext("Show with it")}</legend>
          {pieces.map((piece) => (
            <label key={piece.event} class="choice-row">
              <input type="checkbox" checked={chosen.includes(piece.event)} disabled={piece.visibility === "public"} onChange={(event) => toggle(piece.event, event.currentTarget.checked)} />
              <span>{pieceWords(piece)}</span>
            </label>
          ))}
        </fieldset>
      )}
      <p>
        <button type="submit" class="button">
          {gettext("Make the link")}
        </button>
      </p>
      <p class="muted" role="status">
        {said}
      </p>
    </form>
  );
}
