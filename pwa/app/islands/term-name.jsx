/** A skill as the lists of the picker show it. */
import { gettext } from "../i18n.js";

/** @param {{ term: FoundTerm, chosen?: boolean }} props */
export function TermName({ term, chosen }) {
  const spoken = term.other ? term.lang : undefined;
  const where = term.other && gettext("in %(language)s", { language: term.other });
  return (
    <>
      <span class="term-name">
        {chosen && (
          <span class="term-tick" aria-hidden="true">
            ✓
          </span>
        )}
        <span lang={spoken}>{term.name}</span>{" "}
        <span class="muted">
          {term.framework_name} {term.framework === "esco" ? "" : <bdi>{term.code}</bdi>}
          {where && ` · ${where}`}
        </span>
      </span>
      {term.description && (
        <span class="term-words" lang={spoken}>
          {term.description}
        </span>
      )}
    </>
  );
}
