/** "Keep what you earned": what is here, and by which ways its learner gets back to it from another phone. */
import "../load/visiting.js";
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { knowsPasskeys } from "../actions/knows-passkeys.js";
import { gettext, language, ngettext } from "../i18n.js";
import { AccountKit } from "./account-kit.jsx";
import { AccountMails } from "./account-mails.jsx";
import { AccountPasskeys } from "./account-passkeys.jsx";
import { Notice } from "./notice.jsx";
import { OfTurn } from "./of-turn.jsx";
import { SavedElsewhere } from "./saved-elsewhere.jsx";
import { useLive } from "./use-live.js";
import { lookAtAccount } from "./ways-view.js";

/** @typedef {import("./ways-view.js").Account} View */

/** @param {HTMLElement} element */
export function start(element) {
  element.replaceChildren();
  render(
    <OfTurn>
      <Account />
    </OfTurn>,
    element,
  );
}

function Account() {
  const view = useLive(lookAtAccount, ["feed", "outbox", "settings", "people"]);
  if (view === undefined) return null;
  if (!view) return <Notice tone="warn" title={gettext("Nothing can be kept on this device")} />;
  if (view.between) return <Between />;
  return (
    <div class="stack account">
      <Standing view={view} />
      {knowsPasskeys() ? <AccountPasskeys view={view} /> : <NoPasskeys />}
      <AccountMails view={view} />
      <AccountKit kits={view.kits} plain={!view.passkeys.length && !view.mails.length} />
      <OtherPhones />
      <SavedElsewhere />
      <Further />
    </div>
  );
}

/** @param {{view: View}} props */
function Standing({ view }) {
  const ways = view.passkeys.length + view.kits.length + view.mails.filter(({ confirmed }) => confirmed).length;
  return (
    <>
      <p class="lead">{view.begun ? hereWords(view) : gettext("Nothing is here yet: scan a code or save a playlist. You can make a way back in already, or get back to what you did on another phone.")}</p>
      {ways ? (
        <Notice tone="ok" sign="check" title={ngettext("You have %(num)s way back in", "You have %(num)s ways back in", ways)}>
          <p>{gettext("If this phone is lost, use it on a new one: choose “Get back in” there.")}</p>
        </Notice>
      ) : (
        view.begun && (
          <Notice sign="device" title={gettext("No way back in yet")}>
            <p>{gettext("If it is lost or emptied, nobody can bring it back. Choose a way back in. You go on without an account: no name is asked.")}</p>
          </Notice>
        )
      )}
    </>
  );
}

/** @param {View} view */
function hereWords({ badges, waiting }) {
  const held = badges ? ngettext("You have %(num)s badge.", "You have %(num)s badges.", badges) : gettext("What you do is kept here.");
  const unsent = waiting && ngettext("%(num)s thing is on this phone alone and not sent yet.", "%(num)s things are on this phone alone and not sent yet.", waiting);
  return unsent ? `${held} ${unsent}` : held;
}

function Between() {
  return (
    <Notice
      sign="device"
      title={gettext("Nobody is learning now")}
      ways={
        <a class="button" href={`/${language()}/people`}>
          {gettext("Choose who you are")}
        </a>
      }
    >
      <p>{gettext("Everyone's learning is kept here, and shown when it is their turn.")}</p>
    </Notice>
  );
}

function NoPasskeys() {
  return (
    <section class="card stack">
      <h2>{gettext("Passkeys")}</h2>
      <p>{gettext("This browser has no passkeys. A mail address or the recovery kit below do the same.")}</p>
    </section>
  );
}

function OtherPhones() {
  const [own, setOwn] = useState(/** @type {typeof import("./own.js") | null} */ (null));
  const way = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const shown = useRef(false);
  useEffect(() => {
    if (!own && shown.current) way.current?.focus();
    shown.current = Boolean(own);
  }, [own]);
  if (own)
    return (
      <div class="card">
        <own.SecondPhone onDone={() => setOwn(null)} />
      </div>
    );
  return (
    <section class="card stack">
      <h2>{gettext("Another phone, now")}</h2>
      <p>{gettext("You have both at hand? Show a code here and scan it there. Both then have the same badges and progress.")}</p>
      <p>
        <button ref={way} type="button" class="button button-quiet" onClick={() => void import("./own.js").then(setOwn, console.warn)}>
          {gettext("Use another phone too")}
        </button>
      </p>
    </section>
  );
}

function Further() {
  return (
    <nav class="phone-rows" aria-label={gettext("More about what is yours")}>
      <a href={`/${language()}/phones`}>{gettext("My phones")}</a>
      <a href={`/${language()}/my-data`}>{gettext("What is stored about me: see it, take it along, erase it")}</a>
      <a href={`/${language()}/people`}>{gettext("Who is learning on this phone?")}</a>
      <a href={`/${language()}/enter`}>{gettext("Get back to what you did on another phone")}</a>
    </nav>
  );
}
