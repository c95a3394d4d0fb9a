/** Bringing in a badge from elsewhere: by file, text or address. What has no answer yet waits here. */
import { useState } from "preact/hooks";
import { bringIn, forgetImport, MOST_BYTES, waitingImports } from "../actions/imports.js";
import { gettext } from "../i18n.js";
import { FileWay } from "./file-way.jsx";
import { Notice } from "./notice.jsx";
import { useLive } from "./use-live.js";

const FILES = ".json,.jwt,.png,.svg,image/png,image/svg+xml,application/json,application/vc,application/jwt";

/** @param {{view: import("./badges-view.js").BadgesView}} props */
export function Imports({ view }) {
  const waiting = useLive(waitingImports, ["drafts", "settings"]) ?? [];
  const [problem, setProblem] = useState("");
  const here = view.badges.filter(({ imported }) => imported).length;
  const [before] = useState(here);

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
    <>
      <p class="muted">{gettext("Keep badges that others gave you beside your own. They are checked, and marked as not issued here.")}</p>
      <p role="status">{here > before ? gettext("It is among your badges now.") : ""}</p>
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
    </>
  );
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
