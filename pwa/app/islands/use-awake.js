/** Keeps the screen on while something is shown to others, where the browser lets us. */
import { useEffect } from "preact/hooks";

/** @param {boolean} [wanted] */
export function useAwake(wanted = true) {
  useEffect(() => (wanted ? stayAwake() : undefined), [wanted]);
}

/** @returns {() => void} lets the screen go dark again */
function stayAwake() {
  /** @type {WakeLockSentinel | null} */
  let lock = null;
  let over = false;
  // The browser takes the lock away when the page is hidden.
  const ask = async () => {
    if (document.visibilityState !== "visible") return;
    lock = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null; // a low battery may refuse
    if (over) void lock?.release();
  };
  document.addEventListener("visibilitychange", ask);
  void ask();
  return () => {
    over = true;
    document.removeEventListener("visibilitychange", ask);
    void lock?.release();
  };
}
