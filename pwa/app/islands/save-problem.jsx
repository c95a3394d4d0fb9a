/** Why saving a playlist does not go on, and the ways from there. */
import { remove, save } from "../actions/saved-playlists.js";
import { gettext } from "../i18n.js";
import { Notice } from "./notice.jsx";
import { sizeWords } from "./size-words.js";
import { Kept } from "./storage.jsx";

/** @param {{row: SavedPlaylist, problem: string}} props */
export function SaveProblem({ row, problem }) {
  const { title, words } = problemWords(row, problem);
  return (
    <Notice
      tone={problem === "stopped" ? undefined : "warn"}
      sign={problem === "stopped" ? "clock" : "warn"}
      title={title}
      ways={
        <>
          {problem !== "gone" && (
            <button type="button" class="button" onClick={() => void save(row.id, row.next?.lang)}>
              {problem === "stopped" ? gettext("Go on") : gettext("Try again")}
            </button>
          )}
          <button type="button" class="button button-quiet" onClick={() => void remove(row.id)}>
            {problem === "full" ? gettext("Do not save it") : gettext("Remove")}
          </button>
        </>
      }
    >
      {words && <p>{words}</p>}
      {problem === "full" && (
        <Kept need={row.total - row.done} but={row.id} onRoom={() => void save(row.id, row.next?.lang)} />
      )}
    </Notice>
  );
}

/**
 * @param {SavedPlaylist} row
 * @param {string} problem
 */
function problemWords(row, problem) {
  const far = { done: sizeWords(row.done), total: sizeWords(row.total) };
  const kept = row.done ? gettext("%(done)s of %(total)s are here and stay here.", far) : "";
  const older = gettext("The version that you have still works.");
  switch (problem) {
    case "stopped":
      return { title: gettext("Saving is stopped"), words: kept };
    case "offline":
      return { title: gettext("No network: saving goes on later"), words: kept };
    case "full":
      return {
        title: gettext("There is not enough room on this phone"),
        words: gettext("%(size)s more are needed. Choose what may go: everything can be fetched again, and what you did stays.", { size: sizeWords(row.total - row.done) }),
      };
    case "damaged":
      return { title: gettext("A file did not arrive in one piece"), words: row.bundle ? older : kept };
    case "gone":
      return { title: gettext("This playlist is no longer offered"), words: row.bundle ? older : "" };
    default:
      return { title: gettext("Saving did not work"), words: row.bundle ? older : kept };
  }
}
