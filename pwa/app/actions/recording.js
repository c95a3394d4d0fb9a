/** Records what the microphone hears, small enough to be sent: speech at 32 kbit/s, three minutes at most. */

import { soundForm } from "./can-record.js";

export const MOST_MS = 180_000;
const BITS = 32_000;
const LOOK_MS = 100;

/**
 * Begin to record. It ends by `stop`, or by itself after three minutes.
 * @param {(ms: number, level: number) => void} onSound how long it has gone on, and how loud it is now, 0 to 1
 * @returns {Promise<{done: Promise<File>, stop: () => void}>} done: what was heard, of size 0 when nothing was
 * @throws {DOMException} NotAllowedError, NotFoundError and others of getUserMedia
 */
export async function startRecording(onSound) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream, { mimeType: soundForm(), audioBitsPerSecond: BITS });
  /** @type {Blob[]} */
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const level = listen(stream);
  const begun = performance.now();
  const timer = setInterval(() => {
    const ms = performance.now() - begun;
    onSound(ms, level.read());
    if (ms >= MOST_MS) stop();
  }, LOOK_MS);
  const stop = () => {
    if (recorder.state !== "inactive") recorder.stop();
  };
  /** @type {Promise<File>} */
  const done = new Promise((resolve) => {
    recorder.onstop = () => {
      clearInterval(timer);
      level.close();
      for (const track of stream.getTracks()) track.stop(); // the microphone's light goes out
      resolve(new File(parts, "", { type: recorder.mimeType.split(";")[0] }));
    };
  });
  recorder.start(1000);
  return { done, stop };
}

/**
 * @param {MediaStream} stream
 * @returns {{read: () => number, close: () => void}}
 */
function listen(stream) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(stream).connect(analyser);
  const wave = new Uint8Array(analyser.fftSize);
  return {
    read: () => {
      analyser.getByteTimeDomainData(wave);
      return Math.min(1, Math.max(...wave.map((one) => Math.abs(one - 128))) / 64);
    },
    close: () => void context.close(),
  };
}
