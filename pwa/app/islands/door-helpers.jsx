/** Links by which helpers open this door on their own phones, for the day, without an account. */
import { useState } from "preact/hooks";
import { helperLinks, makeHelperLink, revokeLink } from "../actions/door-helpers.js";
import { share } from "../actions/share.js";
import { gettext } from "../i18n.js";
import { cityTimeOf, whyWords } from "./door-words.js";
import { QrCode } from "./qr-code.jsx";
import { useLive } from "./use-live.js";

/** @typedef {import("../actions/door-helpers.js").HelperLink} HelperLink */

const LONGEST_LABEL = 60;

/** @param {{ door: Door }} props */
export function DoorHelpers({ door }) {
  const links = useLive(() => helperLinks(door), ["outbox", "doors"], [door]);
  const [label, setLabel] = useState("");
  const [busy, setBusy] = useState(false);
  /** @param {Event} event */
  const make = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    await makeHelperLink(door, label.trim()).then(() => setLabel(""), console.warn);
    setBusy(false);
  };
  return (
    <section class="stack door-helpers">
      <h3>{gettext("Helpers")}</h3>
      <p>{gettext("They get a link that opens this door on their phone, with no account, until the end of the day.")}</p>
      <form class="door-guest" onSubmit={make}>
        <label for="door-helper">{gettext("Who helps you?")}</label>
        <div>
          <input id="door-helper" autocomplete="off" maxLength={LONGEST_LABEL} placeholder={gettext("Sam, side entrance")} value={label} onInput={(event) => setLabel(event.currentTarget.value)} />
          <button type="submit" class="button button-small" aria-disabled={busy}>
            {gettext("Make a link")}
          </button>
        </div>
      </form>
      {(links ?? []).map((link) => (
        <Link key={link.key} link={link} door={door} />
      ))}
    </section>
  );
}

/** @param {{ link: HelperLink, door: Door }} props */
function Link({ link, door }) {
  const [shown, setShown] = useState(false);
  const [said, setSaid] = useState("");
  const title = gettext("Door: %(session)s", { session: door.reply.occurrence.title });
  const { address } = link;
  return (
    <article class="card stack door-link" data-state={link.state}>
      <h4>
        <bdi>{link.label || gettext("A helper")}</bdi>
      </h4>
      <p role="status">{linkWords(link)}</p>
      {address && (shown || !link.opened) && <QrCode text={address} label={gettext("Link for the helper's phone")} />}
      <div class="ways">
        {address && link.opened && (
          <button type="button" class="button button-quiet button-small" aria-expanded={shown} onClick={() => setShown(!shown)}>
            {shown ? gettext("Hide the code") : gettext("Show the code")}
          </button>
        )}
        {address && (
          <button type="button" class="button button-small" onClick={async () => setSaid(await shareWords(address, title))}>
            {"share" in navigator ? gettext("Share the link") : gettext("Copy the link")}
          </button>
        )}
        {link.id && link.state === "ready" && (
          <button type="button" class="button button-quiet button-small" onClick={() => void revokeLink(door, link.id ?? "")}>
            {gettext("Withdraw")}
          </button>
        )}
      </div>
      <p role="status">{said}</p>
    </article>
  );
}

/** @param {HelperLink} link */
function linkWords({ state, ends, opened, why }) {
  if (state === "waiting") return gettext("The code shows as soon as this phone has a network.");
  if (state === "refused") return [gettext("The city did not take this link."), whyWords(why)].join(" ");
  if (state === "revoked") return gettext("Withdrawn");
  const until = ends === null ? "" : gettext("Ends %(time)s.", { time: cityTimeOf(ends) });
  const use = opened ? gettext("A helper's phone has opened it.") : gettext("Nobody has opened it yet.");
  return `${use} ${until}`;
}

/**
 * @param {string} address
 * @param {string} title
 */
async function shareWords(address, title) {
  const outcome = await share({ title, url: address }, null);
  if (outcome === "copied") return gettext("The link is copied.");
  return outcome === "failed" ? gettext("Let them scan the code instead.") : "";
}
