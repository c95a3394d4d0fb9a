/** Whether this browser can record a sound, and in which form. */

const FORMS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];

export const soundForm = () => FORMS.find((one) => MediaRecorder.isTypeSupported(one));

export function canRecord() {
  return typeof MediaRecorder !== "undefined" && Boolean(navigator.mediaDevices?.getUserMedia) && Boolean(soundForm());
}
