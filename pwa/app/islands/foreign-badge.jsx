/** A badge from elsewhere: what it says, and what its check found. It has no part in what we sign or show to others. */
import { useEffect, useRef, useState } from "preact/hooks";
import { checkAgain, removeImport } from "../actions/imports.js";
import { gettext, inLanguage } from "../i18n.js";
import { dateWords } from "./date-words.js";
import { ForeignPicture } from "./foreign-picture.jsx";
import { Notice } from "./notice.jsx";

/** @param {{badge: import("./badges-view.js").Imported}} props */
export function ForeignBadge({ badge }) {
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  useEffect(() => heading.current?.focus(), []);
  return (
    <article class="badge-detail" data-imported={badge.id} data-state={badge.state}>
      <p>
        <a href="#all">{gettext("All my badges")}</a>
      </p>
      <div class="badge-detail-head">
        <ForeignPicture badge={badge} size={200} />
        <div>
          <h2 ref={heading} tabIndex={-1}>
            <bdi>{inLanguage(badge.name) || gettext("A badge without a name")}</bdi>
          </h2>
          <p>
            <span class="chip">{gettext("Not issued here")}</span>
          </p>
          <p class="muted">
            {gettext("It says it is from:")} <bdi>{badge.issuer}</bdi>
          </p>
        </div>
      </div>
      {badge.description && (
        <p class="foreign-words">
          <bdi>{badge.description}</bdi>
        </p>
      )}
      <section class="badge-part" aria-labelledby="foreign-check">
        <h3 id="foreign-check">{gettext("Is it real?")}</h3>
        <ul class="checks" role="list">
          {badge.checks.map((check) => (
            <li class="check" key={check.name}>
              <span class={`state ${LOOKS[check.state]}`}>{stateWords(check.state)}</span>
              <div>
                <strong>{checkName(check.name)}</strong>
                <p>{check.words}</p>
              </div>
            </li>
          ))}
        </ul>
        <p class="muted">{gettext("Checked on %(date)s", { date: dateWords(badge.checked_at) })}</p>
      </section>
      <Ways badge={badge} />
    </article>
  );
}

/** @param {{badge: ImportedRow}} props */
function Ways({ badge: { id } }) {
  const [asks, setAsks] = useState(false);
  const [said, setSaid] = useState("");
  const [problem, setProblem] = useState("");
  /** @param {() => Promise<unknown>} work @param {() => void} done */
  const attempt = (work, done) => {
    setSaid("");
    setProblem("");
    work().then(done, () => setProblem(gettext("That needs a network. Please try again later.")));
  };
  const check = () => attempt(() => checkAgain(id), () => setSaid(gettext("Checked again.")));
  const remove = () => attempt(() => removeImport(id), () => (location.hash = "all"));
  return (
    <>
      <div class="badge-ways">
        <button type="button" class="button button-quiet" onClick={check}>
          {gettext("Check again")}
        </button>
        <button type="button" class="button button-quiet" onClick={() => (asks ? remove() : setAsks(true))}>
          {asks ? gettext("Really remove it?") : gettext("Remove")}
        </button>
      </div>
      {problem && <Notice title={problem} />}
      <p class="muted" role="status">
        {said}
      </p>
    </>
  );
}

/** @type {Record<string, string>} */
const LOOKS = { ok: "state-ok", failed: "state-bad", unchecked: "state-unknown" };

/** @param {string} state */
function stateWords(state) {
  if (state === "ok") return gettext("checked");
  return state === "failed" ? gettext("failed") : gettext("could not be checked");
}

/** @param {string} name */
function checkName(name) {
  if (name === "signature") return gettext("Signature");
  if (name === "issuer") return gettext("Issuer");
  return name === "status" ? gettext("Still holds") : gettext("Dates");
}
