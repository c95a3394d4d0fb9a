/** The place of milestones on the way; what draws them is fetched only if there are any. */
import { useEffect, useState } from "preact/hooks";

/** @param {{milestones: MilestoneRow[]}} props */
export function OnTheWay({ milestones }) {
  const [drawn, setDrawn] = useState(/** @type {typeof import("./milestones.jsx") | null} */ (null));
  const some = milestones.length > 0;
  useEffect(() => {
    if (some) import("./milestones.jsx").then((module) => setDrawn(() => module), console.warn);
  }, [some]);
  return some && drawn ? <drawn.Milestones milestones={milestones} /> : null;
}
