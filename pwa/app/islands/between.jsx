/** Several share this device, and whoever was at work has ended their turn: nobody's things are shown. */
import { gettext, language } from "../i18n.js";
import { Notice } from "./notice.jsx";

export function Between() {
  return (
    <Notice
      sign="device"
      title={gettext("Nobody is learning now")}
      ways={
        <a class="button" href={`/${language()}/people`}>
          {gettext("Choose who you are")}
        </a>
      }
    >
      <p>{gettext("Everyone's learning is kept here, and shown when it is their turn.")}</p>
    </Notice>
  );
}
