/** The receipt: a code that the learner's phone may scan, so that it holds the door's word with no network. */
import { useEffect, useRef, useState } from "preact/hooks";
import { makeReceipt } from "../actions/door-receipt.js";
import { gettext } from "../i18n.js";
import { QrCode } from "./qr-code.jsx";

/** @param {{ door: Door, learnerDevice: string }} props */
export function DoorReceipt({ door, learnerDevice }) {
  const [text, setText] = useState("");
  const [large, setLarge] = useState(false);
  useEffect(() => {
    if (door.reply.point) makeReceipt(door, learnerDevice).then(setText, console.warn);
  }, [learnerDevice]);
  if (!text) return null;
  return (
    <>
      <button type="button" class="door-receipt" onClick={() => setLarge(true)}>
        <QrCode text={text} label="" class="door-receipt-code" />
        <span>{gettext("Show receipt")}</span>
      </button>
      {large && <Large text={text} onClose={() => setLarge(false)} />}
    </>
  );
}

/** @param {{ text: string, onClose: () => void }} props */
function Large({ text, onClose }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="door-code" aria-label={gettext("Receipt")} onClose={onClose}>
      <div class="door-receipt-large">
        <p>{gettext("They scan this with their phone: then it holds your word, too.")}</p>
        <QrCode text={text} label={gettext("Receipt for their phone")} class="door-receipt-qr" />
        <button type="button" class="button" onClick={() => dialog.current?.close()}>
          {gettext("Close")}
        </button>
      </div>
    </dialog>
  );
}
