/** Erasing everything: what goes, what is left and why, and a word typed by hand before it begins. */
import { useState } from "preact/hooks";
import { eraseAll } from "../actions/my-data.js";
import { gettext, ngettext } from "../i18n.js";
import { Notice } from "./notice.jsx";

/** @param {{here: import("../actions/my-data.js").Here}} props */
export function EraseAll({ here }) {
  return (
    <section aria-labelledby="data-erase">
      <h2 id="data-erase">{gettext("Erase everything")}</h2>
      {here.erasing ? <Waiting /> : <Erase here={here} />}
    </section>
  );
}

function Waiting() {
  return (
    <div role="status">
      <Notice sign="up" title={gettext("Everything is erased as soon as there is a network")}>
        <p>{gettext("You need to do nothing more. Then this phone empties itself of you, and your other phones do when they are next online.")}</p>
      </Notice>
    </div>
  );
}

/** @param {{here: import("../actions/my-data.js").Here}} props */
function Erase({ here }) {
  return (
    <details class="card erase-all">
      <summary>{gettext("Erase everything about me")}</summary>
      <EraseForm id="erase" onErase={eraseAll}>
        <Goes here={here} />
      </EraseForm>
    </details>
  );
}

/**
 * What is left and why, and the word. @param {{id: string, onErase: (word: string) => Promise<unknown>,
 *   children: import("preact").ComponentChildren}} props children: what goes
 */
export function EraseForm({ id, onErase, children }) {
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState("");
  const word = gettext("erase");
  /** @param {Event} event */
  const submit = async (event) => {
    event.preventDefault();
    if (typed.trim().toLowerCase() !== word.toLowerCase()) return setWrong(gettext("Please type the word “%(word)s”.", { word }));
    try {
      await onErase(typed.trim());
    } catch (error) {
      console.error(error);
      setWrong(gettext("This could not be kept. There may be no room left on this phone."));
    }
  };
  return (
    <div class="stack">
      <p>{gettext("This cannot be undone. Nobody can bring it back, not even the people who run this server.")}</p>
      {children}
      <h3>{gettext("This is left, and why")}</h3>
      <ul>
        <li>{gettext("For each badge a random number that says “erased”: so that copies which others have no longer count.")}</li>
        <li>{gettext("Counts without a person: how many came, how many places are taken.")}</li>
        <li>{gettext("A fingerprint of the random number: so that no phone and no backup brings it back.")}</li>
        <li>{gettext("Backups that were made before, until the operator throws them away. What others copied or printed.")}</li>
      </ul>
      <form class="stack" noValidate onSubmit={submit}>
        <div class="field">
          <label for={`${id}-word`}>{gettext("Type “%(word)s” to go on", { word })}</label>
          <input
            id={`${id}-word`}
            type="text"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            aria-describedby={`${id}-wrong`}
            aria-invalid={wrong !== ""}
            value={typed}
            onInput={(event) => (setTyped(event.currentTarget.value), setWrong(""))}
          />
          <p id={`${id}-wrong`} class="tone-bad task-word" role="alert">
            {wrong}
          </p>
        </div>
        <button type="submit" class="button button-danger">
          {gettext("Erase everything")}
        </button>
      </form>
    </div>
  );
}

/** @param {{here: import("../actions/my-data.js").Here}} props */
function Goes({ here }) {
  return (
    <>
      <h3>{gettext("This goes, here and on the server")}</h3>
      <ul>
        <li>{gettext("Your learning, answers, photos and sounds; your place at sessions to come.")}</li>
        {here.badges > 0 && <li>{ngettext("Your badge, with its page, its files and its links.", "Your %(num)s badges, with their pages, files and links.", here.badges)}</li>}
        <li>{gettext("Your ways back in, your other phones, and what wallets may read.")}</li>
        {here.waiting > 0 && (
          <li>
            <strong>{ngettext("%(num)s thing that is not sent yet goes too.", "%(num)s things that are not sent yet go too.", here.waiting)}</strong>
          </li>
        )}
        {here.others > 0 && <li>{gettext("What others who learn on this phone have stays.")}</li>}
      </ul>
    </>
  );
}
