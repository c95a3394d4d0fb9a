/** "Use another phone too": a QR code that lets one more phone in, once, within a day. */
import { useEffect, useRef, useState } from "preact/hooks";
import { cancelInvitation, invite } from "../actions/second-phone.js";
import { gettext } from "../i18n.js";
import { outboxItem } from "../store/outbox.js";
import { timeOf } from "./date-words.js";
import { QrCode } from "./qr-code.jsx";
import { useLive } from "./use-live.js";

/** @typedef {Awaited<ReturnType<typeof invite>>} Made */

/** @param {{ onDone: () => void }} props */
export function SecondPhone({ onDone }) {
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  const [made, setMade] = useState(/** @type {Made | "asked" | "failed" | null} */ (null));
  useEffect(() => heading.current?.focus(), []);
  const make = () => {
    setMade("asked");
    invite().then(setMade, (error) => {
      console.warn(error);
      setMade("failed");
    });
  };
  return (
    <section class="stack">
      <h2 ref={heading} tabIndex={-1}>
        {gettext("Use another phone too")}
      </h2>
      {made && typeof made === "object" ? (
        <Shown made={made} onDone={onDone} />
      ) : (
        <>
          <ol class="phone-steps">
            <li>{gettext("Show a code on this phone.")}</li>
            <li>{gettext("Scan it with the other phone, with its camera or with the scanner of this page.")}</li>
            <li>{gettext("Both phones then have the same badges and the same progress. What you do on one shows on the other.")}</li>
          </ol>
          <p>{gettext("Show it only to your own phone: whoever scans it learns as you. It works once and for 24 hours.")}</p>
          <p role="alert" class="task-word tone-bad">
            {made === "failed" && gettext("Not saved. Please try again.")}
          </p>
          <div class="people-ways">
            <button type="button" class="button" aria-disabled={made === "asked"} onClick={make}>
              {gettext("Show the code")}
            </button>
            <button type="button" class="button button-quiet" onClick={onDone}>
              {gettext("Back")}
            </button>
          </div>
        </>
      )}
    </section>
  );
}

/** @param {{ made: Made, onDone: () => void }} props */
function Shown({ made, onDone }) {
  const item = useLive(() => outboxItem(made.event), ["outbox"], [made.event]);
  return (
    <>
      <QrCode text={made.address} label={gettext("Code for your other phone")} />
      <p class="phone-state" role="status">
        {item?.state === "accepted"
          ? gettext("Ready: scan it with your other phone.")
          : gettext("You can scan it now. The other phone is let in as soon as this one has a network.")}
      </p>
      <p class="muted">{gettext("Works once, until %(time)s.", { time: timeOf(made.until) })}</p>
      <div class="people-ways">
        <button type="button" class="button" onClick={onDone}>
          {gettext("Done")}
        </button>
        <button
          type="button"
          class="button button-quiet"
          onClick={async () => {
            await cancelInvitation(made);
            onDone();
          }}
        >
          {gettext("Cancel this code")}
        </button>
      </div>
    </>
  );
}
