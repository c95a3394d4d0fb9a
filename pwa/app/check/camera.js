/** A camera that looks for a badge's code, where the browser can read codes by itself. */

/**
 * @param {(picture: HTMLVideoElement) => Promise<string[]>} codesIn
 * @param {(text: string) => void} found
 */
export function startCamera(codesIn, found) {
  const button = /** @type {HTMLButtonElement} */ (document.getElementById("camera"));
  button.hidden = !("BarcodeDetector" in globalThis && navigator.mediaDevices);
  button.addEventListener("click", () => look(codesIn).then((text) => text && found(text), console.warn));
}

/** @param {(picture: HTMLVideoElement) => Promise<string[]>} codesIn */
async function look(codesIn) {
  const video = /** @type {HTMLVideoElement} */ (document.getElementById("video"));
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  video.srcObject = stream;
  video.hidden = false;
  await video.play();
  try {
    for (const until = Date.now() + 60_000; Date.now() < until; ) {
      const [text] = await codesIn(video);
      if (text) return text;
      await new Promise((later) => setTimeout(later, 150));
    }
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.hidden = true;
  }
  return "";
}
