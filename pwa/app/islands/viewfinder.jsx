/** The live picture of the camera, with a frame and a torch. */
import { useEffect, useRef, useState } from "preact/hooks";
import { gettext } from "../i18n.js";
import { scanLive } from "../scanner/live.js";

/**
 * @param {{
 *   loadDecoder: () => Promise<import("../scanner/decode.js").Decode>,
 *   onText: (text: string) => void,
 *   onTrouble: (reason: import("../scanner/camera.js").Trouble | "decoder") => void,
 *   onClose: () => void,
 * }} props
 */
export function Viewfinder({ loadDecoder, onText, onTrouble, onClose }) {
  const video = useRef(/** @type {HTMLVideoElement | null} */ (null));
  const [camera, setCamera] = useState(/** @type {import("../scanner/camera.js").Camera | null} */ (null));
  const [lit, setLit] = useState(false);
  // The camera outlives many drawings of this component; it must always call the newest of the functions.
  const tell = useRef({ onText, onTrouble });
  tell.current = { onText, onTrouble };

  useEffect(() => {
    if (!video.current) return;
    return scanLive(video.current, loadDecoder, {
      onCamera: (opened) => {
        setCamera(opened);
        setLit(false);
      },
      onText: (text) => tell.current.onText(text),
      onTrouble: (reason) => tell.current.onTrouble(reason),
    });
  }, []);

  const torch = camera?.torch;
  const toggle = () =>
    torch?.(!lit).then(
      () => setLit(!lit),
      () => setCamera(camera && { ...camera, torch: null }),
    );

  return (
    <div class="scanner-stage">
      <video ref={video} muted playsInline aria-label={gettext("Picture of the camera")} />
      <div class="scanner-frame" aria-hidden="true" />
      <p class="scanner-caption">
        {camera ? gettext("Hold the code inside the frame") : gettext("Starting the camera…")}
      </p>
      <div class="scanner-tools">
        <button type="button" onClick={onClose}>
          {gettext("Stop the camera")}
        </button>
        {torch && (
          <button type="button" aria-pressed={lit} onClick={toggle}>
            {gettext("Light")}
          </button>
        )}
      </div>
    </div>
  );
}
