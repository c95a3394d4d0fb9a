/** My data: what is stored about me on this phone and on the server, a copy of it, what I agreed to, and erasing all of it. */
import "../load/visiting.js";
import { render } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { lookHere, lookThere } from "../actions/my-data.js";
import { gettext, language } from "../i18n.js";
import { Later, Rejected } from "../sync/api.js";
import { EraseAll } from "./erase-all.jsx";
import { ErasedNotice } from "./erased-notice.jsx";
import { DataCopies } from "./data-copies.jsx";
import { DataConsents } from "./data-consents.jsx";
import { hereWords, thereWords } from "./data-words.js";
import { OfTurn } from "./of-turn.jsx";
import { useLive } from "./use-live.js";

/** @param {HTMLElement} element */
export function start(element) {
  element.replaceChildren();
  render(
    <div class="my-data">
      <ErasedNotice />
      <OfTurn>
        <MyData />
      </OfTurn>
    </div>,
    element,
  );
}

function MyData() {
  const here = useLive(lookHere, ["outbox", "feed", "blobs", "drafts", "bundles", "device", "settings", "people"]);
  const [there, setThere] = useState(/** @type {OwnData | null | undefined} */ (undefined));
  const [trouble, setTrouble] = useState("");
  const look = useCallback(
    () =>
      lookThere().then(
        (found) => (setThere(found), setTrouble("")),
        (error) => setTrouble(troubleWords(error)),
      ),
    [],
  );
  useEffect(() => void look(), [here?.learner]);
  if (here === undefined) return null;
  if (here === null) return <Nobody />;
  return (
    <>
      <p class="lead">{gettext("All that is stored about you. You may read it, take a copy, and erase it: nobody asks why.")}</p>
      <section aria-labelledby="data-here">
        <h2 id="data-here">{gettext("On this phone")}</h2>
        <Facts rows={hereWords(here)} />
        {here.others > 0 && <p class="muted">{gettext("Others learn on this phone too. This page is about you alone.")}</p>}
      </section>
      <section aria-labelledby="data-there">
        <h2 id="data-there">{gettext("On the server")}</h2>
        <There there={there} trouble={trouble} onAgain={look} />
      </section>
      <DataCopies here={here} copies={there?.exports ?? []} known={Boolean(there)} onChanged={look} />
      {there && there.consents.length > 0 && <DataConsents all={there.consents} />}
      <EraseAll here={here} />
      <p>
        <a href={`/${language()}/privacy`}>{gettext("What this city keeps, why, and for how long")}</a>
      </p>
    </>
  );
}

/** @param {{there: OwnData | null | undefined, trouble: string, onAgain: () => void}} props */
function There({ there, trouble, onAgain }) {
  if (there) return <Facts rows={thereWords(there)} />;
  if (there === null) return <p>{gettext("Nothing yet: nothing was sent from this phone.")}</p>;
  return (
    <div role="status">
      {trouble ? (
        <p class="card data-trouble">
          {trouble}{" "}
          <button type="button" class="button button-quiet button-small" onClick={onAgain}>
            {gettext("Look again")}
          </button>
        </p>
      ) : (
        <p class="muted">{gettext("Asking the server…")}</p>
      )}
    </div>
  );
}

/** @param {{rows: [string, string][]}} props */
function Facts({ rows }) {
  return (
    <dl class="data-facts">
      {rows.map(([what, how]) => (
        <div key={what}>
          <dt>{what}</dt>
          <dd>{how}</dd>
        </div>
      ))}
    </dl>
  );
}

function Nobody() {
  return (
    <p class="card">
      {gettext("Nothing is stored about you: nobody is learning on this phone now.")}{" "}
      <a href={`/${language()}/people`}>{gettext("Who is learning?")}</a>
    </p>
  );
}

/** @param {unknown} error */
function troubleWords(error) {
  if (error instanceof Later) return gettext("The server is busy just now.");
  if (error instanceof Rejected) return gettext("The server does not know this phone yet, or not any more.");
  return gettext("There is no network now. What the server stores shows when there is one.");
}
