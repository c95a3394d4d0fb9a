/** What others say about a badge: to show or not, and a link to ask somebody for some words. */
import { useState } from "preact/hooks";
import { askForWords, askNoMore, showWords } from "../actions/endorsements.js";
import { gettext, inLanguage } from "../i18n.js";
import { useSaving } from "./badge-copy.jsx";
import { dateWords } from "./date-words.js";
import { ShareWays } from "./share.jsx";

/** @param {{award: string, endorsements: EndorsementRow[], invitations: InvitationRow[]}} props */
export function Endorsements({ award, endorsements, invitations }) {
  const { saving, said } = useSaving();
  const open = invitations.filter(({ used, until }) => !used && Date.parse(until) > Date.now());
  return (
    <section class="badge-part" aria-labelledby="badge-endorsements">
      <h3 id="badge-endorsements">{gettext("What others say about it")}</h3>
      {endorsements.map((one) => (
        <Words key={one.id} said={one} onChoose={(shown) => saving(() => showWords(one.id, shown))} />
      ))}
      <p class="muted">{gettext("Ask somebody who saw you do it, such as a trainer or a teacher. They need no account; you decide whether their words are shown.")}</p>
      <Ask award={award} />
      {open.length > 0 && (
        <ul class="link-list">
          {open.map(({ digest, label, until }) => (
            <li key={digest} class="card">
              <p class="card-title" dir="auto">
                {label || gettext("Somebody")}
              </p>
              <p class="muted">{gettext("Asked. The link works until %(date)s.", { date: dateWords(until) })}</p>
              <div class="link-ways">
                <button type="button" class="button button-quiet" onClick={() => saving(() => askNoMore(digest))}>
                  {gettext("End this link")}
                </button>
              </div>
            </li>
          ))}
        </ul>
      )}
      <p class="muted" role="status">
        {said}
      </p>
    </section>
  );
}

/** @param {{said: EndorsementRow, onChoose: (shown: boolean) => void}} props */
function Words({ said, onChoose }) {
  const { by, text, lang, issuer, at, state, url } = said;
  return (
    <figure class="endorsement card">
      <blockquote class="handed-in" lang={lang} dir="auto">
        {text}
      </blockquote>
      <figcaption>
        <strong dir="auto">{by || inLanguage(issuer)}</strong>
        <br />
        <span class="muted">{dateWords(at)}</span>
      </figcaption>
      {state === "revoked" ? (
        <p class="state state-bad">{gettext("They took it back.")}</p>
      ) : (
        <>
          <p class={`state state-${state === "shown" ? "ok" : "unknown"}`}>{stateWords(state)}</p>
          <div class="link-ways">
            {state !== "shown" && (
              <button type="button" class="button" onClick={() => onChoose(true)}>
                {gettext("Show it")}
              </button>
            )}
            {state !== "declined" && (
              <button type="button" class="button button-quiet" onClick={() => onChoose(false)}>
                {state === "shown" ? gettext("Show it no more") : gettext("Do not show it")}
              </button>
            )}
            <a class="button button-quiet" href={new URL(url, location.href).pathname}>
              {gettext("Check it")}
            </a>
          </div>
        </>
      )}
    </figure>
  );
}

/** @param {EndorsementRow["state"]} state */
function stateWords(state) {
  if (state === "shown") return gettext("Shown to all who see this badge.");
  return state === "declined" ? gettext("Not shown.") : gettext("Only you see it so far.");
}

/** @param {{award: string}} props */
function Ask({ award }) {
  const [label, setLabel] = useState("");
  const [address, setAddress] = useState("");
  const { saving, said } = useSaving();
  const ask = (/** @type {Event} */ event) => {
    event.preventDefault();
    void saving(async () => setAddress(await askForWords(award, label.trim())));
  };
  if (address)
    return (
      <div class="card stack">
        <p>{gettext("Send them this link now: it is shown only here. It works once, and as soon as your phone has sent it.")}</p>
        <ShareWays title={gettext("You are asked for an endorsement")} text={gettext("Please say what you saw me do.")} url={address} />
        <p class="field">
          <input readOnly value={address} dir="ltr" aria-label={gettext("The link")} onFocus={(event) => event.currentTarget.select()} />
        </p>
      </div>
    );
  return (
    <details>
      <summary>{gettext("Ask somebody")}</summary>
      <form class="link-form" onSubmit={ask}>
        <p class="field">
          <label for="endorse-label">{gettext("For whom? Only you see this.")}</label>
          <input id="endorse-label" maxLength={80} autocomplete="off" dir="auto" value={label} onInput={(event) => setLabel(event.currentTarget.value)} />
        </p>
        <p>
          <button type="submit" class="button">
            {gettext("Make the link")}
          </button>
        </p>
        <p class="muted" role="status">
          {said}
        </p>
      </form>
    </details>
  );
}
