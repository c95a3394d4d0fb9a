/** Why a camera cannot be had is told by name, and frames come calmly. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { CameraTrouble, isCameraAllowed, openCamera, watchFrames } from "../../pwa/app/scanner/camera.js";

const video = /** @type {HTMLVideoElement} */ (
  /** @type {unknown} */ ({ play: async () => undefined, srcObject: null })
);

/** @param {object} navigator @param {boolean} [secure] */
function browser(navigator, secure = true) {
  Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  Object.assign(globalThis, { isSecureContext: secure });
}

/** @param {string} name */
const failing = (name) => ({
  mediaDevices: { getUserMedia: async () => Promise.reject(new DOMException("", name)) },
});

afterEach(() => {
  video.srcObject = null;
});

for (const [name, reason] of [
  ["NotAllowedError", "refused"],
  ["NotFoundError", "missing"],
  ["OverconstrainedError", "missing"],
  ["NotReadableError", "busy"],
]) {
  test(`a camera that fails with ${name} is called ${reason}`, async () => {
    browser(failing(name));
    await assert.rejects(
      openCamera(video),
      (error) => error instanceof CameraTrouble && error.reason === reason,
    );
  });
}

test("a page without https is called insecure", async () => {
  browser({}, false);
  await assert.rejects(openCamera(video), { reason: "insecure" });
});

test("closing the camera ends its tracks and clears the picture", async () => {
  let ended = 0;
  const track = { stop: () => ended++, getCapabilities: () => ({ torch: false }) };
  browser({
    mediaDevices: { getUserMedia: async () => ({ getTracks: () => [track], getVideoTracks: () => [track] }) },
  });
  const camera = await openCamera(video);
  assert.equal(camera.torch, null);
  camera.close();
  assert.equal(ended, 1);
  assert.equal(video.srcObject, null);
});

test("a camera with a light offers it", async () => {
  /** @type {object[]} */
  const wishes = [];
  const track = {
    stop: () => {},
    getCapabilities: () => ({ torch: true }),
    applyConstraints: async (/** @type {object} */ wish) => wishes.push(wish),
  };
  browser({
    mediaDevices: { getUserMedia: async () => ({ getTracks: () => [track], getVideoTracks: () => [track] }) },
  });
  const { torch } = await openCamera(video);
  await torch?.(true);
  assert.deepEqual(wishes, [{ advanced: [{ torch: true }] }]);
});

test("a browser that does not tell permissions is asked by the person's own tap", async () => {
  browser({ permissions: { query: async () => Promise.reject(new TypeError("camera")) } });
  assert.equal(await isCameraAllowed(), false);
});

test("frames are looked at one at a time, at most twelve a second, and not after stopping", async () => {
  Object.assign(globalThis, { HTMLMediaElement: { HAVE_CURRENT_DATA: 2 } });
  const fast = {
    readyState: 4,
    videoWidth: 640,
    requestVideoFrameCallback: (/** @type {() => void} */ call) => setTimeout(call, 5),
  };
  let looks = 0;
  let together = 0;
  const stop = watchFrames(/** @type {HTMLVideoElement} */ (/** @type {unknown} */ (fast)), async () => {
    looks++;
    assert.equal(++together, 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    together--;
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  stop();
  assert.ok(looks >= 3 && looks <= 7, `${looks} looks in half a second`);
  const before = looks;
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.equal(looks, before);
});
