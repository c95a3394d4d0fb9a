/** A wallet asks for badges: the learner chooses which, and their phone signs the answer. */
import "../load/visiting.js";
import { render } from "preact";
import { useState } from "preact/hooks";
import { answerWallet } from "../actions/wallets.js";
import { gettext, inLanguage, language } from "../i18n.js";
import { learnerId } from "../store/device.js";
import { awards } from "../store/feed.js";
import { dateWords } from "./date-words.js";
import { Notice } from "./notice.jsx";
import { OfTurn } from "./of-turn.jsx";
import { useLive } from "./use-live.js";
import { troubleWords } from "./wallet-words.js";

/** @typedef {{ asked: Record<string, string>, name: string }} Props */

/**
 * @param {HTMLElement} element
 * @param {Props} props
 */
export function start(element, props) {
  element.replaceChildren();
  render(
    <OfTurn>
      <Wallet {...props} />
    </OfTurn>,
    element,
  );
}

/** @param {Props} props */
function Wallet(props) {
  const who = useLive(learnerId, ["device", "settings"]);
  const mine = useLive(awards, ["feed", "settings"]);
  if (who === undefined || mine === undefined) return null;
  if (!who) return <Nobody />;
  return <Choice {...props} mine={(mine ?? []).filter(isGiven)} />;
}

/**
 * What was withdrawn is given to no wallet, nor what only its learner sees.
 * @param {AwardRow} award
 */
function isGiven(award) {
  return !award.revoked_at && award.choice?.visibility !== "private";
}

function Nobody() {
  return (
    <Notice
      tone="warn"
      title={gettext("Your badges are not on this phone")}
      ways={
        <a class="button button-quiet" href={`/${language()}/people`}>
          {gettext("Who is learning?")}
        </a>
      }
    >
      <p>{gettext("Open the wallet on the phone that holds your badges, or say first who you are.")}</p>
    </Notice>
  );
}

/** @param {Props & { mine: AwardRow[] }} props */
function Choice({ asked, name, mine }) {
  const [left, setLeft] = useState(/** @type {ReadonlySet<string>} */ (new Set()));
  const [all, setAll] = useState(!mine.length);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const chosen = mine.map(({ id }) => id).filter((id) => !left.has(id));
  /** @param {boolean} allowed */
  async function answer(allowed) {
    if (busy) return;
    setBusy(true);
    setTrouble("");
    try {
      location.assign(await answerWallet(asked, allowed, allowed && all ? null : chosen));
    } catch (error) {
      setTrouble(troubleWords(error));
      setBusy(false);
    }
  }
  return (
    <form
      class="card stack wallet-choice"
      onSubmit={(event) => {
        event.preventDefault();
        void answer(true);
      }}
    >
      <fieldset class="stack">
        <legend>{gettext("Which badges may it read?")}</legend>
        <label class="wallet-badge">
          <input type="checkbox" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
          <span>{gettext("All my badges, also those I earn later")}</span>
        </label>
        {!all && mine.map((award) => <Badge key={award.id} award={award} kept={!left.has(award.id)} onTurn={() => setLeft(toggled(left, award.id))} />)}
      </fieldset>
      <div role="alert">{trouble && <Notice tone="warn" title={trouble} />}</div>
      <div class="wallet-ways">
        <button class="button" aria-busy={busy} aria-disabled={busy || (!all && !chosen.length)} onClick={(event) => !all && !chosen.length && event.preventDefault()}>
          {gettext("Let %(wallet)s read them", { wallet: name })}
        </button>
        <button type="button" class="button button-quiet" aria-disabled={busy} onClick={() => void answer(false)}>
          {gettext("No, give it nothing")}
        </button>
      </div>
    </form>
  );
}

/** @param {{ award: AwardRow, kept: boolean, onTurn: () => void }} props */
function Badge({ award, kept, onTurn }) {
  return (
    <label class="wallet-badge">
      <input type="checkbox" checked={kept} onChange={onTurn} />
      <img src={award.image} alt="" width="44" height="44" />
      <span>
        <span class="wallet-badge-name">{inLanguage(award.name)}</span>{" "}
        <span class="muted">
          {inLanguage(award.issuer.name)} · {dateWords(award.awarded_at)}
        </span>
      </span>
    </label>
  );
}

/**
 * @param {ReadonlySet<string>} before
 * @param {string} id
 */
function toggled(before, id) {
  const after = new Set(before);
  if (!after.delete(id)) after.add(id);
  return after;
}
