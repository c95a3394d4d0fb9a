/** Why there is no live picture, and how to have one. */
import { gettext } from "../i18n.js";
import { Notice } from "./notice.jsx";

/** @param {{ reason: import("../scanner/camera.js").Trouble | "decoder", onRetry: () => void, plain?: boolean }} props plain: there are no other ways to read a code */
export function CameraTroubleNotice({ reason, onRetry, plain = false }) {
  const { title, words } = troubleWords(reason);
  const retry = (
    <button type="button" class="button button-quiet" onClick={onRetry}>
      {gettext("Try again")}
    </button>
  );
  return (
    <Notice tone="warn" title={title} ways={reason === "insecure" ? null : retry}>
      <p>{words}</p>
      {!plain && <p>{gettext("You can also read a picture of the code, or type the code under it.")}</p>}
    </Notice>
  );
}

/** @param {import("../scanner/camera.js").Trouble | "decoder"} reason */
function troubleWords(reason) {
  switch (reason) {
    case "refused":
      return {
        title: gettext("The camera is not allowed"),
        words: gettext(
          "Press the sign beside the address, then Permissions or Website settings, and allow the camera for this site.",
        ),
      };
    case "missing":
      return {
        title: gettext("No camera was found"),
        words: gettext("This device has no camera that we can use."),
      };
    case "busy":
      return {
        title: gettext("The camera is busy"),
        words: gettext("Another app or page may be using it. Close that one, then try again."),
      };
    case "insecure":
      return {
        title: gettext("The camera needs a secure page"),
        words: gettext("This address does not begin with https, so the browser keeps the camera shut."),
      };
    case "decoder":
      return {
        title: gettext("The reader of codes is not on this device yet"),
        words: gettext("It comes with the first playlist that you save, or by itself when there is signal."),
      };
  }
}
