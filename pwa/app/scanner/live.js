/** Scanning with the live camera: on while the page is in sight, off the moment it is not. */
import { CameraTrouble, openCamera, watchFrames } from "./camera.js";

/**
 * @typedef {object} Listener
 * @property {(camera: import("./camera.js").Camera | null) => void} onCamera it opened, or closed because the page is hidden
 * @property {(text: string) => void} onText what a code says; again for every frame that shows it
 * @property {(reason: import("./camera.js").Trouble | "decoder") => void} onTrouble scanning has ended, and why
 */

/**
 * Open the camera in `video` and read codes until stopped. The decoder loads while the camera opens.
 * @param {HTMLVideoElement} video
 * @param {() => Promise<import("./decode.js").Decode>} loadDecoder
 * @param {Listener} listener
 * @returns {() => void} stop
 */
export function scanLive(video, loadDecoder, listener) {
  let stopped = false;
  let opening = false;
  /** @type {(() => void) | null} */
  let shut = null;

  const open = async () => {
    if (opening || shut || stopped) return;
    opening = true;
    try {
      const loading = loadDecoder();
      loading.catch(() => undefined); // told below, after the camera's own answer
      const camera = await openCamera(video);
      let stopWatching = () => {};
      shut = () => {
        shut = null;
        stopWatching();
        camera.close();
      };
      if (stopped || document.hidden) return shut();
      listener.onCamera(camera);
      const decode = await loading;
      if (!shut) return;
      stopWatching = watchFrames(video, async () => {
        const [text] = await decode(video);
        if (text && shut) listener.onText(text);
      });
    } catch (error) {
      if (stopped) return;
      stop();
      listener.onTrouble(error instanceof CameraTrouble ? error.reason : "decoder");
    } finally {
      opening = false;
    }
  };

  const onVisibility = () => {
    if (!document.hidden) return open();
    shut?.();
    listener.onCamera(null);
  };

  const stop = () => {
    stopped = true;
    document.removeEventListener("visibilitychange", onVisibility);
    shut?.();
  };

  document.addEventListener("visibilitychange", onVisibility);
  open();
  return stop;
}
