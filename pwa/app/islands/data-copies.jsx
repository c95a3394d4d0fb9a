/** A copy of everything: asked for, made by the server within moments, downloaded; and what only this phone has. */
import { useEffect, useState } from "preact/hooks";
import { askForCopy, lookThere } from "../actions/my-data.js";
import { exportRescue } from "../actions/rescue.js";
import { gettext, language, ngettext } from "../i18n.js";
import { Later, Rejected } from "../sync/api.js";
import { dayOf, timeOf } from "./date-words.js";
import { Notice } from "./notice.jsx";
import { sizeWords } from "./size-words.js";

const LOOK_EVERY_MS = 2000;

/** @param {{here: import("../actions/my-data.js").Here, copies: DataCopy[], known: boolean, onChanged: () => void}} props */
export function DataCopies({ here, copies, known, onChanged }) {
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const waits = copies.some(({ made, problem }) => !made && !problem);
  useEffect(() => {
    const timer = waits ? setInterval(onChanged, LOOK_EVERY_MS) : undefined;
    return () => clearInterval(timer);
  }, [waits]);
  const ask = async () => {
    setBusy(true);
    setSaid(await askWords());
    onChanged();
    setBusy(false);
  };
  return (
    <section aria-labelledby="data-copy">
      <h2 id="data-copy">{gettext("A copy of everything")}</h2>
      <p>{gettext("One file with a page to read, your badges (JSON, PNG, PDF), your photos and sounds, and all tables. Any computer opens it.")}</p>
      {here.waiting > 0 && <Unsent waiting={here.waiting} />}
      <p>
        <button type="button" class="button button-quiet" disabled={busy || waits || !known} onClick={ask}>
          {gettext("Make a copy")}
        </button>
      </p>
      <p role="status">{waits ? gettext("The copy is being made. You may go on; it will be here.") : said}</p>
      {copies.length > 0 && (
        <ul class="data-list">
          {copies.map((copy) => (
            <Copy key={copy.id} copy={copy} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** @returns {Promise<string>} what to say when it went wrong */
async function askWords() {
  try {
    await askForCopy(language());
    return "";
  } catch (error) {
    if (error instanceof Rejected) return error.message;
    if (error instanceof Later) return gettext("You have asked for several copies today. Please take one of those, or come back tomorrow.");
    return gettext("There is no network now. Please try again when there is one.");
  }
}

/** @param {{copy: DataCopy}} props */
function Copy({ copy }) {
  const [busy, setBusy] = useState(false);
  const when = `${dayOf(copy.asked)}, ${timeOf(copy.asked)}`;
  // Its address holds for ten minutes, and this page may have stood open for longer.
  const download = async () => {
    setBusy(true);
    const now = await lookThere().catch(() => null);
    const url = now?.exports.find(({ id }) => id === copy.id)?.url ?? copy.url;
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
