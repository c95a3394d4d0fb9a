/** The field that looks for skills while somebody types: a combobox with a list (ARIA's pattern), for keys and fingers. */
import { useEffect, useRef, useState } from "preact/hooks";
import { findTerms } from "../actions/terms.js";
import { gettext, ngettext } from "../i18n.js";
import { TermName } from "./term-name.jsx";

/** How long to wait for the next letter, in ms. */
const PAUSE = 200;

/** @param {{ frameworks: TermPickerProps["frameworks"], urls: Set<string>, onChoose: (term: FoundTerm) => void }} props */
export function TermSearch({ frameworks, urls, onChoose }) {
  const [words, setWords] = useState("");
  const [framework, setFramework] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const { terms, said } = useFound(words, framework);
  const shown = open && terms.length > 0;

  useEffect(() => setAt(-1), [terms]);
  useEffect(() => document.getElementById(`skill-option-${at}`)?.scrollIntoView({ block: "nearest" }), [at]);

  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    if (event.key === "Enter") {
      event.preventDefault(); // the form is sent by its own button
      if (shown && terms[at]) onChoose(terms[at]);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      setOpen(false);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      setAt(step(at, event.key === "ArrowDown" ? 1 : -1, terms.length));
    }
  };

  return (
    <div class="stack">
      <div class="field-pair">
        <p class="field">
          <label for="skill-text">{gettext("Look for a skill")}</label>
          <input
            id="skill-text"
            type="text"
            role="combobox"
            autocomplete="off"
            spellcheck={false}
            maxLength={200}
            aria-autocomplete="list"
            aria-expanded={shown}
            aria-controls="skill-options"
            aria-activedescendant={shown && at >= 0 ? `skill-option-${at}` : undefined}
            aria-describedby="skill-said"
            value={words}
            onInput={(event) => {
              setWords(event.currentTarget.value);
              setOpen(true);
            }}
            onFocus={() => setOpen(true)}
            onKeyDown={onKey}
          />
        </p>
        <p class="field">
          <label for="skill-framework">{gettext("Where")}</label>
          <select
            id="skill-framework"
            value={framework}
            onChange={(event) => setFramework(event.currentTarget.value)}
          >
            <option value="">{gettext("Everywhere")}</option>
            {frameworks.map((one) => (
              <option key={one.key} value={one.key}>
                {one.name}
              </option>
            ))}
          </select>
        </p>
      </div>
      <p id="skill-said" class="muted" role="status">
        {said}
      </p>
      <ul id="skill-options" role="listbox" aria-label={gettext("Found")} class="term-options" hidden={!shown}>
        {terms.map((term, number) => (
          <li
            key={term.uri}
            id={`skill-option-${number}`}
            role="option"
            aria-selected={urls.has(term.url)}
            class={number === at ? "is-at" : undefined}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onChoose(term)}
          >
            <TermName term={term} chosen={urls.has(term.url)} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/**
 * @param {number} at
 * @param {number} by
 * @param {number} length
 */
function step(at, by, length) {
  if (!length) return -1;
  return at < 0 && by < 0 ? length - 1 : (at + by + length) % length;
}

/** @type {FoundTerm[]} */
const NONE = [];

/**
 * @param {string} words
 * @param {string} framework
 * @returns {{ terms: FoundTerm[], said: string }} what was found last, and what to say about it
 */
function useFound(words, framework) {
  const [found, setFound] = useState({ terms: NONE, said: "" });
  const turn = useRef(0);
  useEffect(() => {
    const mine = ++turn.current;
    const show = (/** @type {{ terms: FoundTerm[], said: string }} */ next) => {
      if (mine === turn.current) setFound(next);
    };
    if (!words.trim()) return show({ terms: NONE, said: "" });
    const timer = setTimeout(
      () =>
        findTerms(words, framework).then(
          ({ terms, more }) => show({ terms, said: told(terms.length, more) }),
          () =>
            show({ terms: NONE, said: gettext("The search was not reached. Check your connection and type on.") }),
        ),
      PAUSE,
    );
    return () => clearTimeout(timer);
  }, [words, framework]);
  return found;
}

/**
 * @param {number} count
 * @param {boolean} more
 */
function told(count, more) {
  if (!count) return gettext("Nothing found. Try another word, or a shorter one.");
  if (more) return gettext("The first %(num)s. Type more to find others.", { num: count });
  return ngettext("%(num)s skill found", "%(num)s skills found", count);
}
