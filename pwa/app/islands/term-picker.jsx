/** Choosing the skills that a badge stands for, in the form of the badge; without a script the page's own fields do. */
import "../load/visiting.js";
import { render } from "preact";
import { useRef, useState } from "preact/hooks";
import { gettext } from "../i18n.js";
import { TermBrowse } from "./term-browse.jsx";
import { TermSearch } from "./term-search.jsx";

/**
 * @param {HTMLElement} element
 * @param {TermPickerProps} props
 */
export function start(element, props) {
  element.replaceChildren();
  render(<TermPicker {...props} />, element);
}

/** @param {TermPickerProps} props */
function TermPicker({ chosen: before, frameworks, typed, problem, most }) {
  const [chosen, setChosen] = useState(before);
  const [said, setSaid] = useState("");
  const list = useRef(/** @type {HTMLUListElement | null} */ (null));
  const urls = new Set(chosen.map((one) => one.url));
  const full = chosen.length >= most;

  /** @param {FoundTerm} term */
  const choose = (term) => {
    if (urls.has(term.url)) return takeAway(term);
    if (full) return setSaid(gettext("A badge stands for at most %(most)s skills.", { most }));
    setChosen([...chosen, { url: term.url, name: term.name, framework: term.framework_name }]);
    setSaid(gettext("Chosen: %(name)s", { name: term.name }));
  };

  /** @param {{url: string, name: string}} term */
  const takeAway = (term) => {
    setChosen(chosen.filter((one) => one.url !== term.url));
    setSaid(gettext("Taken away: %(name)s", { name: term.name }));
    list.current?.focus();
  };

  return (
    <>
      {problem && (
        <p class="field-wrong" role="alert">
          {problem}
        </p>
      )}
      <ul class="term-chosen" ref={list} tabIndex={-1} aria-label={gettext("Chosen")} hidden={!chosen.length}>
        {chosen.map((one) => (
          <li key={one.url}>
            <input type="hidden" name="skill" value={`${one.url} ${one.name}`} />
            <span>
              {one.name} <span class="muted">{one.framework}</span>
            </span>
            <button
              type="button"
              class="term-away"
              aria-label={gettext("Take away: %(name)s", { name: one.name })}
              onClick={() => takeAway(one)}
            >
              <span aria-hidden="true">×</span>
            </button>
          </li>
        ))}
      </ul>
      <p class="term-said muted" role="status">
        {said}
      </p>
      <TermSearch frameworks={frameworks} urls={urls} onChoose={choose} />
      <TermBrowse frameworks={frameworks} urls={urls} onChoose={choose} />
      <Elsewhere typed={typed} open={Boolean(problem)} />
    </>
  );
}

/**
 * The form reads these fields itself when it is sent.
 * @param {{ typed: TermPickerProps["typed"], open: boolean }} props
 */
function Elsewhere({ typed, open }) {
  return (
    <details open={open || Boolean(typed.skill_url)}>
      <summary>{gettext("A skill from elsewhere, by its address")}</summary>
      <div class="stack">
        <p class="field">
          <label for="skill-url">{gettext("Address")}</label>
          <input
            id="skill-url"
            name="skill_url"
            inputMode="url"
            maxLength={500}
            defaultValue={typed.skill_url}
            aria-describedby="skill-url-hint"
          />
        </p>
        <p class="muted" id="skill-url-hint">
          {gettext("Any ESCO link, or a page that explains the skill. It is added when you save.")}
        </p>
        <p class="field">
          <label for="skill-name">{gettext("Its name")}</label>
          <input id="skill-name" name="skill_name" maxLength={200} defaultValue={typed.skill_name} />
        </p>
      </div>
    </details>
  );
}
