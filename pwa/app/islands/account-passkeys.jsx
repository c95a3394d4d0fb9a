/** Passkeys of whoever is at work: each with its name and when it was last used; one more is made with no network too. */
import { useRef, useState } from "preact/hooks";
import { addPasskey, removePasskey, renamePasskey, whyNot } from "../actions/passkeys.js";
import { gettext } from "../i18n.js";
import { changeItems } from "../store/outbox.js";
import { dateWords } from "./date-words.js";

/** @typedef {import("./ways-view.js").Account} View @typedef {import("./ways-view.js").Passkey} Passkey */

const LONGEST = 80;

/** @param {{view: View}} props */
export function AccountPasskeys({ view: { passkeys, refused } }) {
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState("");
  const way = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const add = async () => {
    if (busy) return;
    setBusy(true);
    setSaid("");
    const known = passkeys.map(({ credential }) => credential);
    const site = document.querySelector(".brand")?.textContent?.trim() || location.hostname;
    try {
      await addPasskey({ site, label: gettext("My learning"), key: gettext("Security key"), known });
      setSaid(gettext("The passkey is added."));
    } catch (error) {
      setSaid(troubleWords(error));
    }
    setBusy(false);
  };
  return (
    <section class="card stack" aria-labelledby="account-passkeys">
      <h2 id="account-passkeys">{gettext("Passkeys")}</h2>
      <p>{gettext("Open your badges as you unlock your phone: by finger, face or PIN, or with a key on a stick. There is no password to remember, and you need no network to add one.")}</p>
      {passkeys.length > 0 && (
        <ul class="way-list">
          {passkeys.map((passkey) => (
            <PasskeyLine
              key={passkey.credential}
              passkey={passkey}
              onRemoved={() => {
                setSaid(gettext("“%(name)s” opens nothing any more. Remove it from your password manager too.", { name: passkey.name }));
                way.current?.focus();
              }}
            />
          ))}
        </ul>
      )}
      {refused.length > 0 && (
        <p class="task-word tone-bad">
          {gettext("A passkey was not accepted, so it opens nothing. Please add it again.")}{" "}
          <button type="button" class="button button-quiet button-small" onClick={() => void changeItems(refused.map(({ id }) => id), (item) => ({ ...item, dismissed: true }))}>
            {gettext("I have seen it")}
          </button>
        </p>
      )}
      <p role="status" class={said ? "task-word" : "hidden"}>
        {said}
      </p>
      <p>
        <button ref={way} type="button" class={passkeys.length ? "button button-quiet" : "button"} aria-busy={busy} aria-disabled={busy} onClick={add}>
          {passkeys.length ? gettext("Add another passkey") : gettext("Add a passkey")}
        </button>
      </p>
    </section>
  );
}

/** @param {unknown} error */
function troubleWords(error) {
  const why = whyNot(error);
  if (why === "known") return gettext("This device or key has a passkey of yours already.");
  if (why === "no") return gettext("No passkey was added.");
  console.warn(error);
  return gettext("That did not work here. Try another way, or another browser.");
}

/** @param {{passkey: Passkey, onRemoved: () => void}} props */
function PasskeyLine({ passkey, onRemoved }) {
  const [open, setOpen] = useState(/** @type {"" | "name" | "remove"} */ (""));
  const [name, setName] = useState(passkey.name);
  return (
    <li>
      <p class="way-name">
        <bdi>{passkey.name}</bdi>
      </p>
      <p class="muted">{whenWords(passkey)}</p>
      {!open && !passkey.waits && (
        <p class="way-ways">
          <button type="button" class="button button-quiet button-small" onClick={() => setOpen("name")}>
            {gettext("Rename")}
            <span class="hidden">: {passkey.name}</span>
          </button>
          <button type="button" class="button button-quiet button-small" onClick={() => setOpen("remove")}>
            {gettext("Remove")}
            <span class="hidden">: {passkey.name}</span>
          </button>
        </p>
      )}
      {open === "name" && (
        <form
          class="stack"
          onSubmit={async (event) => {
            event.preventDefault();
            if (name.trim() && name.trim() !== passkey.name) await renamePasskey(passkey.id, name.trim());
            setOpen("");
          }}
        >
          <p class="field">
            <label for={`name-${passkey.id}`}>{gettext("What do you call it?")}</label>
            <input id={`name-${passkey.id}`} dir="auto" required maxLength={LONGEST} autocomplete="off" value={name} ref={(input) => input?.focus()} onInput={(event) => setName(event.currentTarget.value)} />
          </p>
          <p class="way-ways">
            <button type="submit" class="button button-small">
              {gettext("Keep")}
            </button>
            <button type="button" class="button button-quiet button-small" onClick={() => (setName(passkey.name), setOpen(""))}>
              {gettext("Back")}
            </button>
          </p>
        </form>
      )}
      {open === "remove" && (
        <Sure
          words={gettext("Remove “%(name)s”? It will open nothing any more.", { name: passkey.name })}
          onNo={() => setOpen("")}
          onYes={async () => {
            await removePasskey(passkey);
            onRemoved();
          }}
        />
      )}
    </li>
  );
}

/** @param {Passkey} passkey */
function whenWords({ created_at, used_at, synced, waits }) {
  if (waits) return gettext("Added here. It works once it is sent.");
  const made = used_at ? gettext("Last used on %(date)s", { date: dateWords(used_at) }) : gettext("Not used yet, added on %(date)s", { date: dateWords(created_at) });
  return synced ? `${made} · ${gettext("kept by your password manager")}` : made;
}

/**
 * Ask once more before something ends.
 * @param {{words: string, onYes: () => Promise<void>, onNo: () => void}} props
 */
export function Sure({ words, onYes, onNo }) {
  const [busy, setBusy] = useState(false);
  return (
    <div class="way-sure" role="group" aria-label={gettext("Remove")}>
      <p>{words}</p>
      <p class="way-ways">
        <button type="button" class="button button-danger button-small" aria-busy={busy} ref={(button) => void (busy || button?.focus())} onClick={() => (setBusy(true), void onYes().finally(() => setBusy(false)))}>
          {gettext("Yes, remove it")}
        </button>
        <button type="button" class="button button-quiet button-small" onClick={onNo}>
          {gettext("No")}
        </button>
      </p>
    </div>
  );
}
