/** "Keep what you earned": what is here, and by which ways its learner gets back to it from another phone. */
import "../load/visiting.js";
import { render } from "preact";
import { knowsPasskeys } from "../actions/knows-passkeys.js";
import { gettext, language, ngettext } from "../i18n.js";
import { AccountKit } from "./account-kit.jsx";
import { AccountMails } from "./account-mails.jsx";
import { AccountPasskeys } from "./account-passkeys.jsx";
import { Between } from "./between.jsx";
import { Notice } from "./notice.jsx";
import { OfTurn } from "./of-turn.jsx";
import { SavedElsewhere } from "./saved-elsewhere.jsx";
import { TellingWay } from "./telling-way.jsx";
import { useLive } from "./use-live.js";
import { WayRow } from "./way-row.jsx";
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
      <SavedElsewhere />
      <Further />
    </div>
  );
}

/** @param {{view: View}} props */
function Standing({ view }) {
  if (!view.begun) return <NothingYet />;
  return (
    <>
      <p class="lead">{hereWords(view)}</p>
      <WaysBack view={view} />
    </>
  );
}

/** Only a way that works is counted: one that the server does not know yet opens nothing. @param {{view: View}} props */
function WaysBack({ view: { passkeys, kits, mails } }) {
  const made = [...passkeys, ...kits];
  const ways = made.filter(({ waits }) => !waits).length + mails.filter(({ confirmed }) => confirmed).length;
  if (ways)
    return (
      <Notice tone="ok" sign="check" title={ngettext("You have %(num)s way back in", "You have %(num)s ways back in", ways)}>
        <p>{gettext("If this phone is lost, use it on a new one: choose “Get back in” there.")}</p>
      </Notice>
    );
  if (made.length)
    return (
      <Notice sign="up" title={gettext("Your way back in is not sent yet")}>
        <p>{gettext("It works as soon as this phone has had a network. Keep the phone until then.")}</p>
      </Notice>
    );
  return (
    <Notice sign="device" title={gettext("No way back in yet")}>
      <p>{gettext("If this phone is lost or emptied, nobody can bring back what is on it. Choose a way back in. You go on without an account: no name is asked.")}</p>
    </Notice>
  );
}

function NothingYet() {
  return (
    <>
      <p class="lead">{gettext("Nothing is here yet. You can make a way back in already, or get back to what you did on another phone.")}</p>
      <p>
        <a class="button button-quiet" href={`/${language()}/enter`}>
          {gettext("Get back in")}
        </a>
      </p>
    </>
  );
}

/** @param {View} view */
function hereWords({ badges, waiting }) {
  const held = badges ? ngettext("You have %(num)s badge.", "You have %(num)s badges.", badges) : gettext("What you do is kept here.");
  const unsent = waiting && ngettext("%(num)s thing is on this phone alone and not sent yet.", "%(num)s things are on this phone alone and not sent yet.", waiting);
  return unsent ? `${held} ${unsent}` : held;
}

function NoPasskeys() {
  return (
    <section class="card stack">
      <h2>{gettext("Passkeys")}</h2>
      <p>{gettext("This browser has no passkeys. A mail address or the recovery kit below do the same.")}</p>
    </section>
  );
}

/** All else that is one's own. */
function Further() {
  return (
    <section class="phone-rows" aria-label={gettext("More about what is yours")}>
      <TellingWay />
      <WayRow href={`/${language()}/phones`} title={gettext("My phones")} hint={gettext("Use another one too, or lock one out")} />
      <WayRow href={`/${language()}/my-data`} title={gettext("My data")} hint={gettext("What is stored, a copy, erase it")} />
      <WayRow href={`/${language()}/people`} title={gettext("Who is learning?")} hint={gettext("Share this phone, look after children")} />
      <WayRow href={`/${language()}/enter`} title={gettext("Get back in")} hint={gettext("To what you did on another phone")} />
    </section>
  );
}
