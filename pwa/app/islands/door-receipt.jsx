/** The receipt: a code that the learner's phone may scan, so that it holds the door's word with no network. */
import { useEffect, useState } from "preact/hooks";
import { makeReceipt } from "../actions/door-receipt.js";
import { gettext } from "../i18n.js";
import { QrCode } from "./qr-code.jsx";

/** @param {{ door: Door, learnerDevice: string }} props */
export function DoorReceipt({ door, learnerDevice }) {
  const [text, setText] = useState("");
  const [large, setLarge] = useState(false);
  useEffect(() => {
    setLarge(false);
    if (door.reply.point) makeReceipt(door, learnerDevice).then(setText, console.warn);
  }, [learnerDevice]);
  if (!text) return null;
  return (
    <button type="button" class="door-receipt" data-large={large} aria-expanded={large} onClick={() => setLarge(!large)}>
      <QrCode text={text} label={gettext("Receipt for their phone")} class="door-receipt-code" />
      <span>{large ? gettext("They can scan this with their phone. Tap to make it small.") : gettext("Show receipt")}</span>
    </button>
  );
}
