/** Mail addresses of whoever is at work: added and confirmed by a link, shown shortened, removed. A network is needed. */
import { useRef, useState } from "preact/hooks";
import { addMail, chooseMails, removeMail } from "../actions/mails.js";
import { gettext } from "../i18n.js";
import { Sure } from "./account-passkeys.jsx";
import { dateWords } from "./date-words.js";
import { troubleWords } from "./enter-words.js";

/** @param {{view: import("./ways-view.js").Account}} props */
export function AccountMails({ view: { mails, begun } }) {
  const [said, setSaid] = useState("");
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  return (
    <section class="card stack" aria-labelledby="account-mails">
      <h2 id="account-mails" ref={heading} tabIndex={-1}>
        {gettext("Mail")}
      </h2>
      <p>{gettext("We send you a link when you ask for one, and when a new way in is added. Nothing else, unless you choose it here.")}</p>
      {mails.length > 0 && (
        <ul class="way-list">
          {mails.map((mail) => (
            <MailLine key={mail.id} mail={mail} onSaid={(words) => (setSaid(words), heading.current?.focus())} />
          ))}
        </ul>
      )}
      <p role="status" class={said ? "task-word" : "hidden"}>
        {said}
      </p>
      {begun ? <MailForm more={mails.length > 0} onSaid={setSaid} /> : <p class="muted">{gettext("You can add one as soon as you have begun something here.")}</p>}
    </section>
  );
}

/** @param {{more: boolean, onSaid: (words: string) => void}} props */
function MailForm({ more, onSaid }) {
  const [address, setAddress] = useState("");
  const [busy, setBusy] = useState(false);
  /** @param {Event} event */
  const send = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    onSaid("");
    try {
      await addMail(address);
      onSaid(gettext("Look into your mail: the link there makes the address a way back in."));
      setAddress("");
    } catch (error) {
      onSaid(troubleWords(error));
    }
    setBusy(false);
  };
  return (
    <form class="stack" onSubmit={send}>
      <p class="field">
        <label for="account-mail">{more ? gettext("Another mail address") : gettext("Your mail address")}</label>
        <input id="account-mail" type="email" dir="ltr" required maxLength={254} autocomplete="email" value={address} onInput={(event) => setAddress(event.currentTarget.value)} />
      </p>
      <p>
        <button type="submit" class="button button-quiet" aria-busy={busy} aria-disabled={busy}>
          {gettext("Add this address")}
        </button>
      </p>
    </form>
  );
}

/** @param {{mail: MailRow, onSaid: (words: string) => void}} props */
function MailLine({ mail, onSaid }) {
  const [sure, setSure] = useState(false);
  const used = mail.used_at ? gettext("Last used on %(date)s", { date: dateWords(mail.used_at) }) : gettext("Not used yet, added on %(date)s", { date: dateWords(mail.created_at) });
  return (
    <li>
      <p class="way-name">
        <bdi>{mail.address}</bdi>
      </p>
      <p class="muted">{mail.confirmed ? used : gettext("Not confirmed: open the link in the mail that we sent. To have it sent again, add the address once more.")}</p>
      {mail.confirmed && <Tells mail={mail} onSaid={onSaid} />}
      {sure ? (
        <Sure
          words={gettext("Remove %(address)s? Nobody gets in by it any more, and it is forgotten.", { address: mail.address })}
          onNo={() => setSure(false)}
          onYes={async () => {
            try {
              await removeMail(mail.id);
              onSaid(gettext("The address is forgotten."));
            } catch (error) {
              onSaid(troubleWords(error));
            }
          }}
        />
      ) : (
        <p class="way-ways">
          <button type="button" class="button button-quiet button-small" onClick={() => setSure(true)}>
            {gettext("Remove")}
            <span class="hidden">: {mail.address}</span>
          </button>
        </p>
      )}
    </li>
  );
}

/** What is mailed to an address: nothing, until it is switched on here. @param {{mail: MailRow, onSaid: (words: string) => void}} props */
function Tells({ mail, onSaid }) {
  const [busy, setBusy] = useState(false);
  const chosen = mail.tells ?? [];
  /** @type {[string, string][]} */
  const kinds = [
    ["award", gettext("A badge has arrived")],
    ["review", gettext("Somebody looked at my work")],
  ];
  /** @param {string} kind @param {HTMLInputElement} box */
  async function change(kind, box) {
    const on = box.checked;
    setBusy(true);
    try {
      await chooseMails(mail.id, on ? [...chosen, kind] : chosen.filter((one) => one !== kind));
      onSaid(gettext("Saved."));
    } catch (error) {
      box.checked = !on;
      onSaid(troubleWords(error));
    }
    setBusy(false);
  }
  return (
    <details class="telling-way">
      <summary>
        {gettext("What may we mail you?")}
        <span class="hidden"> {mail.address}</span>
      </summary>
      <div class="telling stack">
        {kinds.map(([kind, words]) => (
          <label key={kind} class="telling-switch" aria-busy={busy}>
            <input type="checkbox" role="switch" checked={chosen.includes(kind)} disabled={busy} onChange={(event) => void change(kind, event.currentTarget)} />
            <span>{words}</span>
          </label>
        ))}
      </div>
    </details>
  );
}
