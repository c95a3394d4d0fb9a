/** What a learner does with badges, fetched when it is first wanted: the grid itself needs none of it. */
import { useEffect, useState } from "preact/hooks";

/** @returns {typeof import("./showing.js") | null} null until it is here */
export function useShowing() {
  const [showing, setShowing] = useState(/** @type {typeof import("./showing.js") | null} */ (null));
  useEffect(() => {
    import("./showing.js").then((module) => setShowing(() => module), console.warn);
  }, []);
  return showing;
}
