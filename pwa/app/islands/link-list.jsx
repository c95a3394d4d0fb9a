/** Links that were given: how often each was opened, until when it works, its code to show, and its end. */
import { useState } from "preact/hooks";
import { withdrawLink } from "../actions/portfolio.js";
import { gettext, ngettext } from "../i18n.js";
import { isOpen } from "./badges-view.js";
import { dateWords } from "./date-words.js";
import { QrCode } from "./qr-code.jsx";
import { ShareWays } from "./share.jsx";

/** @typedef {import("./badges-view.js").Link} Link */

/** @param {{links: Link[], name?: (link: Link) => string}} props name: of what it leads to, where that is not plain */
export function LinkList({ links, name }) {
  if (!links.length) return null;
  return (
    <ul class="link-list">
      {links.map((link) => (
        <li key={link.id} class="card" data-open={isOpen(link)}>
          <OneLink link={link} name={name?.(link)} />
        </li>
      ))}
    </ul>
  );
}

/** @param {{link: Link, name?: string}} props */
function OneLink({ link, name }) {
  const [code, setCode] = useState(false);
  const title = link.label || name || gettext("A link without a name");
  const address = link.secret && addressOf(link);
  return (
    <>
      <p class="card-title" dir="auto">
        {title}
      </p>
      {name && link.label && (
        <p class="muted" dir="auto">
          {name}
        </p>
      )}
      <p class="muted">{standing(link)}</p>
      {isOpen(link) && !link.refused && (
        <>
          {link.waits && <p class="state state-unknown">{gettext("Saved on this phone. It works once it is sent.")}</p>}
          {address ? <ShareWays title={title} url={address} /> : <p class="muted">{gettext("It was made on another phone, which has its address.")}</p>}
          <div class="link-ways">
            {address && (
              <button type="button" class="button button-quiet" aria-expanded={code} onClick={() => setCode(!code)}>
                {code ? gettext("Hide the code") : gettext("Show as QR code")}
              </button>
            )}
            <button type="button" class="button button-quiet" onClick={() => void withdrawLink(link.id)}>
              {gettext("End this link")}
            </button>
          </div>
          {code && address && <QrCode text={address} label={gettext("QR code of the link “%(title)s”", { title })} />}
        </>
      )}
    </>
  );
}

/** @param {Link} link */
const addressOf = ({ id, kind, secret }) => `${location.origin}/${kind === "cv" ? "cv" : "l"}/${id}.${secret}`;

/** @param {Link} link */
function standing(link) {
  if (link.refused) return gettext("This link was not accepted.");
  const views = ngettext("Opened %(num)s time.", "Opened %(num)s times.", link.views);
  const end = link.withdrawn_at ?? link.expires_at;
  const until = link.expires_at ? gettext("Works until %(date)s.", { date: dateWords(link.expires_at) }) : gettext("Works until you end it.");
  const ended = gettext("Ended on %(date)s", { date: dateWords(end ?? "") });
  return isOpen(link) ? `${until} ${views}` : `${ended}. ${views}`;
}
