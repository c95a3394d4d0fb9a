/** What a guardian may do with what the city has of a child, also after withdrawing consent: have a copy, erase it all. */
import { useCallback, useState } from "preact/hooks";
import { eraseChild } from "../actions/children.js";
import { copiesOf } from "../actions/my-data.js";
import { gettext } from "../i18n.js";
import { Copies } from "./data-copies.jsx";
import { EraseForm } from "./erase-all.jsx";

/** @param {{child: string, name: string, onSaid: (words: string) => void}} props */
export function ChildData({ child, name, onSaid }) {
  return (
    <>
      <ChildCopies child={child} />
      <details>
        <summary>{gettext("Erase everything of this child")}</summary>
        <EraseForm
          id={`erase-${child}`}
          onErase={async (word) => {
            await eraseChild(child, word);
            onSaid(""); // its card says so
          }}
        >
          <h3>{gettext("This goes, from the server and from every phone")}</h3>
          <ul>
            <li>{gettext("What %(name)s learned, answers, photos and sounds, badges with their pages and links.", { name })}</li>
            <li>{gettext("Ways back in, places at sessions and in classes, and that you agreed to it.")}</li>
            <li>{gettext("What is on a phone and was not sent yet goes too.")}</li>
          </ul>
        </EraseForm>
      </details>
    </>
  );
}

/** @param {{child: string}} props */
function ChildCopies({ child }) {
  const [copies, setCopies] = useState(/** @type {DataCopy[]} */ ([]));
  const [known, setKnown] = useState(false);
  const [said, setSaid] = useState("");
  const look = useCallback(
    () =>
      copiesOf(child).then(
        (found) => (setCopies(found), setKnown(true), setSaid("")),
        () => setSaid(gettext("There is no network now. Please try again when there is one.")),
      ),
    [child],
  );
  return (
    <details onToggle={(event) => event.currentTarget.open && void look()}>
      <summary>{gettext("A copy of everything")}</summary>
      <div class="stack">
        {said && (
          <p role="status" class="muted">
            {said}
          </p>
        )}
        <Copies child={child} copies={copies} known={known} onChanged={look} />
      </div>
    </details>
  );
}
