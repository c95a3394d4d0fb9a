/** Celebrates a badge once, when it arrives; quietly for those who want less motion. */

import "@preact/signals";
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { celebrated } from "../actions/awards.js";
import { gettext, inLanguage, language } from "../i18n.js";
import { awards } from "../store/feed.js";
import { live } from "../store/live.js";
import { ownSetting } from "../store/settings.js";

const next = live(nextToCelebrate, ["feed", "settings"]);

const CONFETTI = 24;

/** Wait for badges, on whatever page the learner is. */
export function start() {
  const element = document.createElement("div");
  document.body.append(element);
  render(<Celebrations />, element);
}

function Celebrations() {
  const award = next.value;
  return award ? <Celebration key={award.id} award={award} /> : null;
}

/** @param {{award: AwardRow}} props */
function Celebration({ award }) {
  const dialog = /** @type {import("preact").RefObject<HTMLDialogElement>} */ (useRef(null));
  // A modal dialog keeps the focus, closes on Esc and gives the focus back: the browser does it all.
  useEffect(() => dialog.current?.showModal(), []);
  const done = () => celebrated(award.id);
  // Closed only once that is remembered: the next page must not celebrate once more.
  const close = () => done().finally(() => dialog.current?.close());
  const page = `/${language()}/badges#${award.id}`;
  /** By Esc, or a phone's own way back; a browser may close at the second Esc whatever we say. @param {Event} event */
  const leave = (event) => {
    event.preventDefault();
    void close();
  };
  /** @param {Event} event */
  const show = async (event) => {
    event.preventDefault();
    await done();
    location.assign(page);
  };
  const name = inLanguage(award.name);
  const titleId = `celebration-${award.id}`;
  return (
    <dialog ref={dialog} class="celebration" aria-labelledby={titleId} onCancel={leave} onClose={() => void done()}>
      <Confetti />
      <img class="celebration-badge" src={award.image} alt="" width="176" height="176" />
      <p class="celebration-lead">{gettext("You earned a badge")}</p>
      <h2 id={titleId} class="celebration-name">
        {name}
      </h2>
      <p class="celebration-issuer">
        {gettext("from %(organiser)s", { organiser: inLanguage(award.issuer.name) })}
      </p>
      <div class="celebration-ways">
        <a class="button celebration-show" href={page} onClick={show}>
          {gettext("Show my badge")}
        </a>
        <Share award={award} />
        <button type="button" class="celebration-close" onClick={close}>
          {gettext("Close")}
        </button>
      </div>
    </dialog>
  );
}

/**
 * Sharing is fetched (and with it the picture) while the badge is admired: its own page needs the same parts.
 * @param {{award: AwardRow}} props
 */
function Share({ award }) {
  const [own, setOwn] = useState(/** @type {typeof import("./own.js") | null} */ (null));
  useEffect(() => void import("./own.js").then(setOwn, console.warn), []);
  return own && <own.ShareBadge award={award} />;
}

function Confetti() {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return null;
  return (
    <div class="celebration-confetti" aria-hidden="true">
      {Array.from({ length: CONFETTI }, (_, i) => (
        <i key={i} />
      ))}
    </div>
  );
}

/**
 * The newest badge that was not celebrated yet. A withdrawn one is no cause for it.
 * @returns {Promise<AwardRow | undefined>}
 */
async function nextToCelebrate() {
  const seen = (await ownSetting("celebrated")) ?? [];
  return (await awards()).find((award) => !award.revoked_at && !seen.includes(award.id));
}
