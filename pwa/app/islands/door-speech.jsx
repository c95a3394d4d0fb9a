/** Reads the typed form aloud, letter by letter, in the page's language: for a room, or for who cannot see the screen. */
import { useEffect, useState } from "preact/hooks";
import { gettext, language } from "../i18n.js";

/** Slow enough to type along. */
const RATE = 0.7;
/** Some browsers know their voices only a moment after they were asked. */
const VOICES_MS = 1500;

/** @param {{ typed: string }} props */
export function DoorSpeech({ typed }) {
  const [said, setSaid] = useState(/** @type {"speaking" | "mute" | null} */ (null));
  useEffect(() => () => globalThis.speechSynthesis?.cancel(), []);
  const speak = async () => {
    const voice = await voiceFor(language());
    if (!voice) return setSaid("mute");
    speechSynthesis.cancel();
    const words = new SpeechSynthesisUtterance([...typed].join(", "));
    Object.assign(words, { voice, lang: voice.lang, rate: RATE, onend: () => setSaid(null), onerror: () => setSaid(null) });
    setSaid("speaking");
    speechSynthesis.speak(words);
  };
  return (
    <>
      <button type="button" class="button button-quiet button-small door-aloud" onClick={speak}>
        {said === "speaking" ? gettext("Reading aloud…") : gettext("Read it aloud")}
      </button>
      <p role="status" class="door-code-hint">
        {said === "mute" && gettext("This device has no voice in this language.")}
      </p>
    </>
  );
}

/**
 * @param {string} lang
 * @returns {Promise<SpeechSynthesisVoice | undefined>}
 */
async function voiceFor(lang) {
  const speech = globalThis.speechSynthesis;
  if (!speech) return undefined;
  if (!speech.getVoices().length)
    await new Promise((resolve) => {
      setTimeout(resolve, VOICES_MS);
      speech.addEventListener?.("voiceschanged", resolve, { once: true });
    });
  const [main] = lang.split("-");
  return speech.getVoices().find((voice) => voice.lang.toLowerCase().startsWith(main));
}
