/** What must be answered before a check-in; few are asked, so the questions are fetched when there is one. */
import { useEffect, useState } from "preact/hooks";

/** @typedef {import("../actions/scan.js").Where | import("../actions/scan.js").Who} Question */

/**
 * @param {{ question: Question, onPlace: (place: PlaceWord) => void, onFail: () => void, onAgain?: () => void }} props
 *   onFail: the questions could not be fetched · onAgain: to scan another code
 */
export function Ask({ question, onFail, ...ways }) {
  const [part, setPart] = useState(/** @type {typeof import("./asking.jsx") | null} */ (null));
  useEffect(() => {
    import("./asking.jsx").then(
      setPart,
      // Where somebody is must never keep them from checking in; who is here cannot be guessed.
      () => (question.is === "where" ? ways.onPlace({ is: "unknown" }) : onFail()),
    );
  }, []);
  return part && <part.Asking question={question} {...ways} />;
}
