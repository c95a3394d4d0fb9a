/** A copy of everything: asked for, made by the server within moments, downloaded; and what only this phone has. */
import { useEffect, useState } from "preact/hooks";
import { askForCopy, copiesOf, lookThere } from "../actions/my-data.js";
import { exportRescue } from "../actions/rescue.js";
import { gettext, language, ngettext } from "../i18n.js";
import { Later, Rejected } from "../sync/api.js";
import { dayOf, timeOf } from "./date-words.js";
import { Notice } from "./notice.jsx";
import { sizeWords } from "./size-words.js";

const LOOK_EVERY_MS = 2000;

/** @param {{here: import("../actions/my-data.js").Here, copies: DataCopy[], known: boolean, onChanged: () => void}} props */
export function DataCopies({ here, copies, known, onChanged }) {
  return (
    <section aria-labelledby="data-copy">
      <h2 id="data-copy">{gettext("A copy of everything")}</h2>
      <p>{gettext("One file with a page to read, your badges (JSON, PNG, PDF), your photos and sounds, and all tables. Any computer opens it.")}</p>
      {here.waiting > 0 && <Unsent waiting={here.waiting} />}
      <Copies copies={copies} known={known} onChanged={onChanged} />
    </section>
  );
}

/** The copies of whoever is at work, or of a child of theirs. @param {{child?: string, copies: DataCopy[], known: boolean, onChanged: () => void}} props */
export function Copies({ child, copies, known, onChanged }) {
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const waits = copies.some(({ made, problem }) => !made && !problem);
  useEffect(() => {
    const timer = waits ? setInterval(onChanged, LOOK_EVERY_MS) : undefined;
    return () => clearInterval(timer);
  }, [waits]);
  const ask = async () => {
    setBusy(true);
    setSaid(await askWords(child));
    onChanged();
    setBusy(false);
  };
  return (
    <>
      <p>
        <button type="button" class="button button-quiet" disabled={busy || waits || !known} onClick={ask}>
          {gettext("Make a copy")}
        </button>
      </p>
      <p role="status">{waits ? gettext("The copy is being made. You may go on; it will be here.") : said}</p>
      {copies.length > 0 && (
        <ul class="data-list">
          {copies.map((copy) => (
            <Copy key={copy.id} copy={copy} child={child} />
          ))}
        </ul>
      )}
    </>
  );
}

/** @param {string} [child] @returns {Promise<string>} what to say when it went wrong */
async function askWords(child) {
  try {
    await askForCopy(language(), child);
    return "";
  } catch (error) {
    if (error instanceof Rejected) return error.message;
    if (error instanceof Later) return gettext("You have asked for several copies today. Please take one of those, or come back tomorrow.");
    return gettext("There is no network now. Please try again when there is one.");
  }
}

/** @param {{copy: DataCopy, child?: string}} props */
function Copy({ copy, child }) {
  const [busy, setBusy] = useState(false);
  const when = `${dayOf(copy.asked)}, ${timeOf(copy.asked)}`;
  // Its address holds for ten minutes, and this page may have stood open for longer.
  const download = async () => {
    setBusy(true);
    const now = await (child ? copiesOf(child) : lookThere().then((all) => all?.exports)).catch(() => null);
    const url = now?.find(({ id }) => id === copy.id)?.url ?? copy.url;
    if (url) location.assign(new URL(url).pathname);
    setBusy(false);
  };
  return (
    <li class="card">
      <span>{gettext("Copy of %(when)s", { when })}</span>
      {copy.problem && <span class="tone-bad">{gettext("It could not be made. Please ask for another one.")}</span>}
      {!copy.made && !copy.problem && <progress aria-label={gettext("The copy is being made")} />}
      {copy.made && (
        <>
          <span class="muted">{gettext("Here until %(date)s", { date: dayOf(copy.until) })}</span>
          <button type="button" class="button" aria-busy={busy} onClick={download}>
            {gettext("Download · %(size)s", { size: sizeWords(copy.size) })}
          </button>
        </>
      )}
    </li>
  );
}

/** @param {{waiting: number}} props */
function Unsent({ waiting }) {
  const [done, setDone] = useState(false);
  const rescue = async () => {
    const made = await exportRescue();
    if (made) save(made.file);
    setDone(true);
  };
  return (
    <Notice
      sign="device"
      title={ngettext("%(num)s thing is on this phone only", "%(num)s things are on this phone only", waiting)}
      ways={
        <button type="button" class="button button-quiet" onClick={() => void rescue()}>
          {gettext("Save it as a rescue file")}
        </button>
      }
    >
      <p>{gettext("It is not sent yet, so the server's copy does not have it.")}</p>
      {done && <p role="status">{gettext("Look whether the file is in your downloads.")}</p>}
    </Notice>
  );
}

/** @param {File} file */
function save(file) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
