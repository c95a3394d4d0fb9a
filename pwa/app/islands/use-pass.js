/** The pass of a learner as it is now: a new one every 30 seconds, and at once when the page is seen again. */
import { useEffect, useState } from "preact/hooks";
import { lookForNews, makePass, showPass } from "../actions/pass.js";

/**
 * `until`: when the next one comes, ms of this phone's clock
 * @typedef {{address: string, until: number}} Shown
 */

/** However far the clocks are apart, not more often. */
const SOONEST_MS = 300;

/**
 * @param {string} learner
 * @param {boolean} named whether it shows their name: a change makes a new one
 * @returns {Shown | "failed" | null}
 */
export function usePass(learner, named) {
  const [shown, setShown] = useState(/** @type {Shown | "failed" | null} */ (null));
  useEffect(() => {
    setShown(null);
    void showPass(learner).catch(console.warn);
    return keepFresh(learner, setShown);
  }, [learner, named]);
  return shown;
}

/**
 * @param {string} learner
 * @param {(shown: Shown | "failed") => void} show
 * @returns {() => void} ends it
 */
function keepFresh(learner, show) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let round = 0;
  const renew = async () => {
    const mine = ++round;
    clearTimeout(timer);
    const made = await makePass(learner).catch(console.warn);
    if (mine !== round) return;
    show(made ? { address: made.address, until: Date.now() + made.left } : "failed");
    timer = setTimeout(renewAndAsk, Math.max(SOONEST_MS, made?.left ?? 0));
  };
  const renewAndAsk = () => {
    if (document.visibilityState === "visible") lookForNews();
    void renew();
  };
  const look = () => document.visibilityState === "visible" && void renew();
  document.addEventListener("visibilitychange", look);
  void renew();
  return () => {
    round = -1;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", look);
  };
}
