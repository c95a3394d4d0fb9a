/** Which wallets may read my badges, and a way to say stop. The server knows; a network is needed. */
import "../load/visiting.js";
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { allowedWallets, NobodyHere, withdrawWallet } from "../actions/wallets.js";
import { gettext, ngettext } from "../i18n.js";
import { dayOf } from "./date-words.js";
import { Notice } from "./notice.jsx";
import { OfTurn } from "./of-turn.jsx";
import { troubleWords } from "./wallet-words.js";

/** @param {HTMLElement} element */
export function start(element) {
  element.replaceChildren();
  render(
    <OfTurn>
      <Wallets />
    </OfTurn>,
    element,
  );
}

function Wallets() {
  const [wallets, setWallets] = useState(/** @type {AllowedWallet[] | undefined} */ (undefined));
  const [trouble, setTrouble] = useState("");
  const said = useRef(/** @type {HTMLParagraphElement | null} */ (null));
  const [done, setDone] = useState("");
  const look = () => allowedWallets().then(setWallets, (error) => (error instanceof NobodyHere ? setWallets([]) : setTrouble(troubleWords(error))));
  useEffect(() => void look(), []);
  /** @param {AllowedWallet} wallet */
  async function stop({ id, name }) {
    setTrouble("");
    try {
      await withdrawWallet(id);
      setWallets((before) => before?.filter((one) => one.id !== id));
      setDone(gettext("%(wallet)s can read nothing any more. What it has copied before stays there.", { wallet: name }));
      said.current?.focus();
    } catch (error) {
      setTrouble(troubleWords(error));
    }
  }
  return (
    <div class="stack">
      <div role="alert">
        {trouble && (
          <Notice
            tone="warn"
            title={trouble}
            ways={
              <button type="button" class="button button-quiet" onClick={() => (setTrouble(""), look())}>
                {gettext("Try again")}
              </button>
            }
          />
        )}
      </div>
      <p ref={said} tabIndex={-1} role="status">
        {done}
      </p>
      {wallets?.length === 0 && !trouble && <p class="muted">{gettext("No wallet may read your badges. A wallet that wants to will ask you first.")}</p>}
      {wallets && wallets.length > 0 && (
        <ul class="wallet-list">
          {wallets.map((wallet) => (
            <Allowed key={wallet.id} wallet={wallet} onStop={() => stop(wallet)} />
          ))}
        </ul>
      )}
    </div>
  );
}

/** @param {{ wallet: AllowedWallet, onStop: () => Promise<void> }} props */
function Allowed({ wallet, onStop }) {
  const [busy, setBusy] = useState(false);
  const seen = wallet.used && gettext("last seen %(date)s", { date: dayOf(wallet.used) });
  return (
    <li class="card stack">
      <h2 dir="auto">{wallet.name}</h2>
      <p>{scopeWords(wallet)}</p>
      <p class="muted">
        {gettext("Since %(date)s", { date: dayOf(wallet.since) })}
        {seen && ` · ${seen}`}
      </p>
      <p>
        <button type="button" class="button button-quiet" aria-busy={busy} onClick={() => (setBusy(true), onStop().finally(() => setBusy(false)))}>
          {gettext("Stop")}
          <span class="hidden">: {wallet.name}</span>
        </button>
      </p>
    </li>
  );
}

/** @param {AllowedWallet} wallet */
function scopeWords({ awards }) {
  if (!awards) return gettext("Reads all your badges, also new ones.");
  return ngettext("Reads %(num)s badge that you chose.", "Reads %(num)s badges that you chose.", awards.length);
}
