/** One badge: erased for good, after a plain word on what that does and what it cannot do. */
import { useState } from "preact/hooks";
import { eraseAward } from "../actions/portfolio.js";
import { gettext, inLanguage } from "../i18n.js";

/** @param {{award: import("./badges-view.js").Badge, onErased: (name: string) => void}} props */
export function Erase({ award, onErased }) {
  const [wrong, setWrong] = useState("");
  const name = inLanguage(award.name);
  const erase = async () => {
    try {
      await eraseAward(award.id);
      onErased(name);
    } catch (error) {
      console.error(error);
      setWrong(gettext("This could not be kept. There may be no room left on this phone."));
    }
  };
  return (
    <details class="badge-part badge-erase">
      <summary>{gettext("Erase this badge for good")}</summary>
      <div class="stack">
        <p>{gettext("You no longer have it, and this cannot be undone.")}</p>
        <ul>
          <li>{gettext("Its page says that it was erased. Its files are gone, links to it end, and what others said about it goes too.")}</li>
          <li>{gettext("Copies that others have cannot be taken back. Whoever checks one reads that it no longer counts.")}</li>
          <li>{gettext("What you did for it stays in your learning. The badge does not come back by itself.")}</li>
        </ul>
        <p class="muted">{gettext("If nobody is to see it for now, choose “Only me” instead.")}</p>
        <p>
          <button type="button" class="button button-danger" onClick={erase}>
            {gettext("Erase “%(name)s”", { name })}
          </button>
        </p>
        <p role="status">{wrong}</p>
      </div>
    </details>
  );
}
