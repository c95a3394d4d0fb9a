/** Going through the frameworks by what stands in what, for those who do not know the word. */
import { useEffect, useRef, useState } from "preact/hooks";
import { listTerms } from "../actions/terms.js";
import { gettext } from "../i18n.js";
import { TermName } from "./term-name.jsx";

/** @typedef {{ framework: string, uri: string, name: string }} Place where somebody is: a framework, then areas in it */

/** @param {{ frameworks: TermPickerProps["frameworks"], urls: Set<string>, onChoose: (term: FoundTerm) => void }} props */
export function TermBrowse({ frameworks, urls, onChoose }) {
  const [places, setPlaces] = useState(/** @type {Place[]} */ ([]));
  const head = useRef(/** @type {HTMLParagraphElement | null} */ (null));
  const here = places.at(-1);
  const { terms, failed } = useBelow(here);

  /** @param {Place[]} next */
  const go = (next) => {
    setPlaces(next);
    head.current?.focus();
  };

  return (
    <details>
      <summary>{gettext("Go through the lists")}</summary>
      <div class="stack term-browse">
        <p class="term-place" ref={head} tabIndex={-1}>
          {here && (
            <button type="button" class="button button-quiet button-small" onClick={() => go(places.slice(0, -1))}>
              {gettext("Back")}
            </button>
          )}
          <strong>{here ? here.name : gettext("All lists")}</strong>
        </p>
        {failed && <p role="status">{gettext("This list was not reached. Check your connection.")}</p>}
        <ul class="term-options">
          {!here &&
            frameworks.map((one) => (
              <li key={one.key}>
                <Way name={one.name} onGo={() => go([{ framework: one.key, uri: "", name: one.name }])} />
              </li>
            ))}
          {here &&
            terms.map((term) => (
              <li key={term.uri}>
                {term.area ? (
                  <Way
                    name={term.name}
                    lang={term.other ? term.lang : undefined}
                    onGo={() => go([...places, { framework: here.framework, uri: term.uri, name: term.name }])}
                  />
                ) : (
                  <button
                    type="button"
                    class="term-way"
                    aria-pressed={urls.has(term.url)}
                    onClick={() => onChoose(term)}
                  >
                    <TermName term={term} chosen={urls.has(term.url)} />
                  </button>
                )}
              </li>
            ))}
        </ul>
      </div>
    </details>
  );
}

/** @param {{ name: string, lang?: string, onGo: () => void }} props */
function Way({ name, lang, onGo }) {
  return (
    <button type="button" class="term-way term-area" onClick={onGo}>
      <span lang={lang}>{name}</span>
      <span class="term-on" aria-hidden="true" />
    </button>
  );
}

/**
 * @param {Place | undefined} here
 * @returns {{ terms: FoundTerm[], failed: boolean }}
 */
function useBelow(here) {
  const [found, setFound] = useState({ terms: /** @type {FoundTerm[]} */ ([]), failed: false });
  useEffect(() => {
    let gone = false;
    setFound({ terms: [], failed: false });
    if (here)
      listTerms(here.framework, here.uri).then(
        ({ terms }) => gone || setFound({ terms, failed: false }),
        () => gone || setFound({ terms: [], failed: true }),
      );
    return () => {
      gone = true;
    };
  }, [here?.framework, here?.uri]);
  return found;
}
