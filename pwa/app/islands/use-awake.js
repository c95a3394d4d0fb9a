/** Keeps the screen awake while something is shown to others; the browser lets go of that whenever the page is hidden. */
import { useEffect } from "preact/hooks";

/** Ask again whenever the page comes back. Where the browser cannot, the screen dims as ever. */
export function useAwake() {
  useEffect(() => {
    /** @type {{release: () => Promise<void>} | null} */
    let held = null;
    let done = false;
    const hold = async () => {
      if (document.visibilityState !== "visible") return;
      held = await /** @type {any} */ (navigator).wakeLock?.request("screen").catch(() => null);
      if (done) void held?.release();
    };
    document.addEventListener("visibilitychange", hold);
    void hold();
    return () => {
      done = true;
      document.removeEventListener("visibilitychange", hold);
      void held?.release();
    };
  }, []);
}
