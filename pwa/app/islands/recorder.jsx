/** Records a sound: a button, then the time and how loud it is, then the sound itself to listen to. */
import { useEffect, useRef, useState } from "preact/hooks";
import { MOST_MS, startRecording } from "../actions/recording.js";
import { gettext } from "../i18n.js";

/** @param {{ again: boolean, begins: boolean, onSound: (file: File) => void }} props begins: its button was pressed before it came */
export function Recorder({ again, begins, onSound }) {
  const [heard, setHeard] = useState(/** @type {{ms: number, level: number} | null} */ (null));
  const [trouble, setTrouble] = useState("");
  const stop = useRef(() => {});
  const gone = useRef(false);
  useEffect(
    () => () => {
      gone.current = true;
      stop.current(); // never listen to somebody who has left
    },
    [],
  );

  const record = async () => {
    setTrouble("");
    try {
      const recording = await startRecording((ms, level) => setHeard({ ms, level }));
      stop.current = recording.stop;
      if (gone.current) return recording.stop();
      setHeard({ ms: 0, level: 0 });
      onSound(named(await recording.done));
    } catch (error) {
      setTrouble(troubleWords(error));
    }
    setHeard(null);
  };
  useEffect(() => {
    if (begins) void record();
  }, []);
  if (heard) {
    return (
      <div class="recorder">
        <p>
          <span role="timer" aria-label={gettext("Recording")}>
            {timeWords(heard.ms)}
          </span>
          <span class="muted">{gettext("of %(time)s", { time: timeWords(MOST_MS) })}</span>
        </p>
        <meter min={0} max={1} value={heard.level} aria-label={gettext("How loud it is")} />
        <button type="button" class="button" onClick={() => stop.current()}>
          {gettext("Stop")}
        </button>
      </div>
    );
  }
  return (
    <>
      <button type="button" class="button button-quiet" onClick={record}>
        {again ? gettext("Record another") : gettext("Record a sound")}
      </button>
      <div role="alert" class="task-standing recorder-trouble">
        {trouble && <p class="task-word tone-warn">{trouble}</p>}
      </div>
    </>
  );
}

/** @param {File} sound */
const named = (sound) => new File([sound], gettext("Recording"), { type: sound.type });

/** @param {number} ms */
function timeWords(ms) {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** @param {unknown} error */
function troubleWords(error) {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError")
    return gettext("The microphone is blocked for this page. Allow it in the browser, or choose a sound.");
  return gettext("Nothing could be recorded here. You can choose a sound instead.");
}
