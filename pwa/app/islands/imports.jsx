/** Badges from elsewhere, below My badges: brought in by file, text or address, and always told apart from ours. */
import "../load/visiting.js";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { bringIn, checkAgain, forgetImport, imported, MOST_BYTES, removeImport, sendImports, waitingImports } from "../actions/imports.js";
import { gettext, inLanguage } from "../i18n.js";
import { FileWay } from "./file-way.jsx";
import { Notice } from "./notice.jsx";
import { OfTurn } from "./of-turn.jsx";
import { useLive } from "./use-live.js";

const FILES = ".json,.jwt,.png,.svg,image/png,image/svg+xml,application/json,application/vc,application/jwt";

/** @param {HTMLElement} element */
export function start(element) {
  element.replaceChildren();
  render(
    <OfTurn>
      <Imports />
    </OfTurn>,
    element,
  );
}

function Imports() {
  const badges = useLive(imported, ["feed", "settings"]) ?? [];
  const waiting = useLive(waitingImports, ["drafts", "settings"]) ?? [];
  const [problem, setProblem] = useState("");
  useEffect(() => void sendImports().catch(() => {}), []);

  /** @param {() => Promise<unknown>} work */
  const attempt = (work) => {
    setProblem("");
    work().catch(() => setProblem(gettext("That needs a network. Please try again later.")));
  };
  /** @param {File} file */
  const readFile = async (file) => {
    if (file.size > MOST_BYTES) return setProblem(gettext("This file is too large for a badge."));
    attempt(async () => bringIn({ name: file.name, bytes: await file.arrayBuffer() }));
  };

  return (
    <section class="stack" aria-labelledby="imports">
      <h2 id="imports">{gettext("Badges from elsewhere")}</h2>
      <p class="muted">{gettext("Keep badges that others gave you beside your own. They are checked, and marked as not issued here.")}</p>
      {badges.map((badge) => (
        <ImportedBadge key={badge.id} badge={badge} onWork={attempt} />
      ))}
      {waiting.map((one) => (
        <div class="card stack" key={one.task}>
          <p class="card-title">
            <bdi>{one.name}</bdi>
          </p>
          <p>{one.problem ?? gettext("Saved on this phone. It is checked as soon as there is a network.")}</p>
          <p>
            <button type="button" class="button button-quiet" onClick={() => attempt(() => forgetImport(one.task))}>
              {gettext("Remove")}
            </button>
          </p>
        </div>
      ))}
      {problem && <Notice title={problem} />}
      <div class="badge-ways">
        <FileWay label={gettext("Choose a badge file")} accept={FILES} onFile={readFile} />
      </div>
      <TextWay onText={(text) => attempt(() => bringIn({ name: text.slice(0, 80), bytes: new TextEncoder().encode(text).buffer }))} />
    </section>
  );
}

/** @param {{badge: import("../actions/imports.js").Imported, onWork: (work: () => Promise<unknown>) => void}} props */
function ImportedBadge({ badge, onWork }) {
  const [asks, setAsks] = useState(false);
  return (
    <article class="card stack" data-imported={badge.id} data-state={badge.state}>
      <p class="state state-unknown">{gettext("Not issued here")}</p>
      <h3>
        <bdi>{inLanguage(badge.name) || gettext("A badge without a name")}</bdi>
      </h3>
      <p class="muted">
        <bdi>{badge.issuer}</bdi>
      </p>
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
      <div class="badge-ways">
        <button type="button" class="button button-quiet" onClick={() => onWork(() => checkAgain(badge.id))}>
          {gettext("Check again")}
        </button>
        <button type="button" class="button button-quiet" onClick={() => (asks ? onWork(() => removeImport(badge.id)) : setAsks(true))}>
          {asks ? gettext("Really remove it?") : gettext("Remove")}
        </button>
      </div>
    </article>
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

/** @param {{onText: (text: string) => void}} props */
function TextWay({ onText }) {
  const [text, setText] = useState("");
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) onText(text.trim());
        setText("");
      }}
    >
      <p class="field">
        <label for="import-text">{gettext("Or paste a badge or its address")}</label>
        <textarea id="import-text" rows={3} dir="ltr" spellcheck={false} autocomplete="off" value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </p>
      <p>
        <button type="submit" class="button button-quiet">
          {gettext("Keep it here")}
        </button>
      </p>
    </form>
  );
}
