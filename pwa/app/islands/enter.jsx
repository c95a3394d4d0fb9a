/** "Get back in": by passkey, by mail or by the recovery kit. What opens it leaves the address at once. */
import "../load/visiting.js";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { readWay } from "../actions/enter.js";
import { stopAsking } from "../actions/passkeys.js";
import { gettext, language } from "../i18n.js";
import { EnterByLink } from "./enter-link.jsx";
import { EnterByKit } from "./enter-kit.jsx";
import { EnterByMail } from "./enter-mail.jsx";
import { EnterByPasskey } from "./enter-passkey.jsx";
import { Notice } from "./notice.jsx";

/** @typedef {import("../actions/invitations.js").Invitation} Invitation @typedef {"passkey" | "mail" | "kit"} By */

/** @param {HTMLElement} element */
export function start(element) {
  const { hash, pathname } = location;
  // A code scanned while this page is open changes no more than what follows the "#".
  addEventListener("hashchange", () => location.hash && location.reload());
  if (hash) history.replaceState(history.state, "", pathname);
  element.replaceChildren();
  render(<Enter way={readWay(hash)} broken={Boolean(hash) && !readWay(hash)} />, element);
}

/** @param {{way: import("../actions/enter.js").Way | null, broken: boolean}} props */
function Enter({ way, broken }) {
  const [entered, setEntered] = useState(/** @type {{invitation: Invitation, by: By} | null} */ (null));
  const letIn = (/** @type {By} */ by) => (/** @type {Invitation} */ { learner, secret }) => {
    stopAsking();
    setEntered({ invitation: { learner, secret }, by });
  };
  if (entered) return <Welcome {...entered} />;
  if (way) return <EnterByLink way={way} onIn={letIn(way.kind === "kit" ? "kit" : "mail")} />;
  return (
    <div class="stack account">
      {broken && (
        <Notice tone="warn" title={gettext("This is not a whole link")}>
          <p>{gettext("Part of it is missing. Open it once more from the mail, or scan the code again.")}</p>
        </Notice>
      )}
      <p class="lead">{gettext("Lost your phone, or took a new one? Your badges and your progress come to this phone, by a way back in that you made before.")}</p>
      <EnterByPasskey onIn={letIn("passkey")} />
      <EnterByMail />
      <EnterByKit onIn={letIn("kit")} />
      <p>
        {gettext("You have your first phone at hand?")} <a href={`/${language()}/join`}>{gettext("Then let it invite this one")}</a>
      </p>
    </div>
  );
}

/**
 * From here on all goes as with a second phone that the first one invited.
 * @param {{invitation: Invitation, by: By}} props
 */
function Welcome({ invitation, by }) {
  const [own, setOwn] = useState(/** @type {typeof import("./own.js") | null} */ (null));
  useEffect(() => void import("./own.js").then(setOwn, console.warn), []);
  return own && <own.Join invitation={invitation} by={by} />;
}
