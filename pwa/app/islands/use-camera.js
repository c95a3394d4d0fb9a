/** A scanning page's camera: on by itself where nobody would be asked for it, off by hand or when it fails. */
import { useEffect, useState } from "preact/hooks";
import { isCameraAllowed } from "../scanner/camera.js";

/** @typedef {import("../scanner/camera.js").Trouble | "decoder"} Trouble */
/** @typedef {"idle" | "live" | "typing"} Mode typing: the code is typed, and nothing else turns the camera on */

/** What a `Viewfinder` is shown by: `mode` live, closed by `stop`, its troubles told to `fail`. */
export function useCamera() {
  const [mode, setMode] = useState(/** @type {Mode} */ ("idle"));
  const [trouble, setTrouble] = useState(/** @type {Trouble | null} */ (null));

  useEffect(() => {
    isCameraAllowed().then((allowed) => {
      if (allowed) setMode((now) => (now === "idle" ? "live" : now));
    });
  }, []);

  const start = () => {
    setTrouble(null);
    setMode("live");
  };
  const stop = () => setMode("idle");
  /** @param {Trouble} reason */
  const fail = (reason) => {
    setTrouble(reason);
    setMode("idle");
  };
  return { mode, setMode, trouble, setTrouble, start, stop, fail };
}
