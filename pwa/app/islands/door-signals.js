/** What a door's answer sounds and feels like: told apart by rhythm, so without sight, without sound, or without both. */

/** @typedef {"ok" | "again" | "ask" | "no"} Tone */

/** Tones: Hz and ms, one after the other. Vibration: on, off, on … in ms. @type {Record<Tone, {tones: [number, number][], buzz: number[]}>} */
const SIGNALS = {
  ok: { tones: [[880, 90], [1320, 160]], buzz: [120] },
  again: { tones: [[700, 90], [0, 70], [700, 90]], buzz: [60, 80, 60] },
  ask: { tones: [[520, 120], [660, 120], [520, 120]], buzz: [200, 100, 200, 100, 200] },
  no: { tones: [[220, 380]], buzz: [500] },
};
const VOLUME = 0.25;

/** @type {AudioContext | null} */
let audio = null;

/** Browsers let a page sound only after a tap: call it in one. */
export function allowSound() {
  if (typeof AudioContext === "undefined") return;
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume().catch(() => {});
}

/**
 * @param {Tone} tone
 * @param {boolean} loud
 */
export function signal(tone, loud) {
  navigator.vibrate?.(SIGNALS[tone].buzz);
  if (!loud || audio?.state !== "running") return;
  let at = audio.currentTime + 0.02;
  for (const [pitch, ms] of SIGNALS[tone].tones) {
    if (pitch) beep(audio, { pitch, at, seconds: ms / 1000 });
    at += ms / 1000;
  }
}

/**
 * @param {AudioContext} context
 * @param {{pitch: number, at: number, seconds: number}} note
 */
function beep(context, { pitch, at, seconds }) {
  const [wave, gain] = [context.createOscillator(), context.createGain()];
  wave.frequency.value = pitch;
  gain.gain.setValueAtTime(VOLUME, at);
  gain.gain.exponentialRampToValueAtTime(0.001, at + seconds);
  wave.connect(gain).connect(context.destination);
  wave.start(at);
  wave.stop(at + seconds);
}
