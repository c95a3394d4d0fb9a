/** What is offered on a phone that has just become one of the learner's: saved playlists, and a passkey of its own. */
import { knowsPasskeys } from "../actions/knows-passkeys.js";
import { gettext, language } from "../i18n.js";
import { Notice } from "./notice.jsx";
import { SavedElsewhere } from "./saved-elsewhere.jsx";

/** @param {{by: "" | "passkey" | "mail" | "kit"}} props by: how they got in; empty: invited by their other phone */
export function Offers({ by }) {
  const account = `/${language()}/account`;
  return (
    <div class="stack account">
      {by === "kit" && (
        <Notice
          title={gettext("You used your recovery kit")}
          ways={
            <a class="button button-quiet" href={`${account}#kit`}>
              {gettext("Make a new kit")}
            </a>
          }
        >
          <p>{gettext("It still works. If somebody else may have seen the words, make a new kit: the old one ends by that.")}</p>
        </Notice>
      )}
      <SavedElsewhere />
      {by !== "passkey" && knowsPasskeys() && (
        <section class="card stack">
          <h2>{gettext("A passkey on this phone")}</h2>
          <p>{gettext("With it you are back by finger, face or PIN, should you lose a phone.")}</p>
          <p>
            <a class="button button-quiet" href={account}>
              {gettext("Add a passkey")}
            </a>
          </p>
        </section>
      )}
    </div>
  );
}
