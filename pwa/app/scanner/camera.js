/** The rear camera: opening it, its torch, a calm stream of frames, and why it cannot be had. */

/** @typedef {"refused" | "missing" | "busy" | "insecure"} Trouble */
/** @typedef {{ torch: ((on: boolean) => Promise<void>) | null, close: () => void }} Camera */

/** The camera cannot be had; `reason` says what a person can do about it. */
export class CameraTrouble extends Error {
  /** @param {Trouble} reason */
  constructor(reason) {
    super(`camera ${reason}`);
    this.reason = reason;
  }
}

/** @type {Record<string, Trouble>} the names of getUserMedia's errors, https://www.w3.org/TR/mediacapture-streams/ */
const TROUBLES = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};

/**
 * Show the rear camera in a video element.
 * @param {HTMLVideoElement} video
 * @returns {Promise<Camera>}
 * @throws {CameraTrouble}
 */
export async function openCamera(video) {
  if (!navigator.mediaDevices?.getUserMedia)
    throw new CameraTrouble(isSecureContext ? "missing" : "insecure");
  const stream = await askForStream();
  const close = () => {
    for (const track of stream.getTracks()) track.stop();
    if (video.srcObject === stream) video.srcObject = null;
  };
  try {
    video.srcObject = stream;
    video.muted = true;
    video.playsInline = true;
    await video.play();
  } catch {
    close();
    throw new CameraTrouble("busy");
  }
  return { torch: await torchOf(stream.getVideoTracks()[0]), close };
}

/** Whether the camera opens with no question asked: true only when the browser says so. */
export async function isCameraAllowed() {
  try {
    const status = await navigator.permissions.query({ name: /** @type {PermissionName} */ ("camera") });
    return status.state === "granted";
  } catch {
    return false;
  }
}

/**
 * Call `look` for fresh frames, never two at a time, at most `fps` a second.
 * @param {HTMLVideoElement} video
 * @param {() => Promise<void>} look
 * @param {number} [fps]
 * @returns {() => void} stop
 */
export function watchFrames(video, look, fps = 12) {
  let stopped = false;
  let last = -Infinity;
  const next = () => {
    if (stopped) return;
    if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(onFrame);
    else requestAnimationFrame(onFrame);
  };
  const onFrame = async () => {
    if (stopped) return;
    const now = performance.now();
    if (
      now - last >= 1000 / fps &&
      video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA &&
      video.videoWidth
    ) {
      last = now;
      await look().catch(() => undefined);
    }
    next();
  };
  next();
  return () => {
    stopped = true;
  };
}

/** @returns {Promise<MediaStream>} */
async function askForStream() {
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 1280 } },
    });
  } catch (error) {
    throw new CameraTrouble(TROUBLES[error instanceof Error ? error.name : ""] ?? "missing");
  }
}

/** @param {MediaStreamTrack} track */
async function torchOf(track) {
  const can = /** @type {{ torch?: boolean, focusMode?: string[] }} */ (track.getCapabilities?.() ?? {});
  /** @param {object} wish */
  const apply = (wish) =>
    track.applyConstraints({ advanced: [/** @type {MediaTrackConstraintSet} */ (wish)] });
  if (can.focusMode?.includes("continuous")) await apply({ focusMode: "continuous" }).catch(() => undefined);
  return can.torch ? (/** @type {boolean} */ on) => apply({ torch: on }) : null;
}
