/** The recovery kit: twelve words and a code on paper, for who has neither passkey nor mail, or wants both. */
import { useEffect, useRef, useState } from "preact/hooks";
import { dropKit, makeKit } from "../actions/kits.js";
import { gettext } from "../i18n.js";
import { Sure } from "./account-passkeys.jsx";
import { dateWords } from "./date-words.js";
import { printKit } from "./kit-sheet.jsx";
import { QrCode } from "./qr-code.jsx";

/** @typedef {import("../actions/kits.js").Kit} Made @typedef {import("./ways-view.js").Kit} Kit */

/** @param {{kits: Kit[], plain: boolean}} props plain: there is neither passkey nor mail */
export function AccountKit({ kits, plain }) {
  const [made, setMade] = useState(/** @type {Made | null} */ (null));
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState("");
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  useEffect(() => {
    if (made) heading.current?.focus();
  }, [made]);
  const make = async () => {
    if (busy) return;
    setBusy(true);
    setSaid("");
    try {
      setMade(await makeKit(kits.map(({ id }) => id)));
    } catch (error) {
      console.warn(error);
      setSaid(gettext("Not saved. Please try again."));
    }
    setBusy(false);
  };
  return (
    <section class="card stack" id="kit" aria-labelledby="account-kit">
      <h2 id="account-kit" ref={heading} tabIndex={-1}>
        {gettext("Recovery kit on paper")}
      </h2>
      {made ? (
        <Shown made={made} onDone={() => setMade(null)} />
      ) : (
        <>
          <p>
            {plain
              ? gettext("No passkey and no mail? Then twelve words on paper are your way back in. Keep them where you keep what matters.")
              : gettext("Twelve words on paper, for the day when nothing else works. Keep them where you keep what matters.")}
          </p>
          {kits.map((kit) => (
            <KitLine key={kit.id} kit={kit} onSaid={(words) => (setSaid(words), heading.current?.focus())} />
          ))}
          <p role="status" class={said ? "task-word" : "hidden"}>
            {said}
          </p>
          {kits.length > 0 && <p class="muted">{gettext("A new kit ends the old one.")}</p>}
          <p>
            <button type="button" class="button button-quiet" aria-busy={busy} aria-disabled={busy} onClick={make}>
              {kits.length ? gettext("Make a new kit") : gettext("Make a recovery kit")}
            </button>
          </p>
        </>
      )}
    </section>
  );
}

/** @param {{made: Made, onDone: () => void}} props */
function Shown({ made, onDone }) {
  const [kept, setKept] = useState(false);
  return (
    <>
      <p>{gettext("Write these words down or print them, now: nobody can show them again. Whoever has them learns as you.")}</p>
      <ol class="kit-words" lang={made.lang} dir="ltr" translate={false}>
        {made.words.map((word, place) => (
          <li key={place}>{word}</li>
        ))}
      </ol>
      <QrCode text={made.address} label={gettext("The same as a code, for a phone's camera")} />
      <p>
        <button type="button" class="button" onClick={() => void printKit(made).catch(console.warn)}>
          {gettext("Print the kit")}
        </button>
      </p>
      <label class="choice-row">
        <input type="checkbox" checked={kept} onChange={(event) => setKept(event.currentTarget.checked)} />
        <span>{gettext("I have the words on paper")}</span>
      </label>
      <p>
        <button type="button" class="button button-quiet" disabled={!kept} onClick={onDone}>
          {gettext("Done")}
        </button>
      </p>
    </>
  );
}

/** @param {{kit: Kit, onSaid: (words: string) => void}} props */
function KitLine({ kit, onSaid }) {
  const [sure, setSure] = useState(false);
  const name = gettext("Kit of %(date)s", { date: dateWords(kit.created_at) });
  return (
    <div class="way-list">
      <p class="way-name">{name}</p>
      <p class="muted">{whenWords(kit)}</p>
      {sure ? (
        <Sure
          words={gettext("Remove this kit? The words on that paper will open nothing any more.")}
          onNo={() => setSure(false)}
          onYes={async () => {
            await dropKit(kit.id);
            onSaid(gettext("The kit is removed: its words open nothing any more."));
          }}
        />
      ) : (
        <p class="way-ways">
          <button type="button" class="button button-quiet button-small" onClick={() => setSure(true)}>
            {gettext("Remove")}
            <span class="hidden">: {name}</span>
          </button>
        </p>
      )}
    </div>
  );
}

/** @param {Kit} kit */
function whenWords({ used_at, waits }) {
  if (waits) return gettext("Made here. It works once it is sent.");
  if (used_at) return gettext("Used on %(date)s. If others saw the words, make a new kit.", { date: dateWords(used_at) });
  return gettext("Not used yet");
}
