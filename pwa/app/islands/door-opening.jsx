/** A door that is being opened: it needs a network once, and says so until it had one. */
import { useEffect, useState } from "preact/hooks";
import { followDoors } from "../actions/door.js";
import { dismiss } from "../actions/outbox.js";
import { gettext } from "../i18n.js";
import { Notice } from "./notice.jsx";

/** On a good line it is open before anybody has read a word. */
const PATIENCE_MS = 1500;

/** @param {{ item: OutboxItem }} props */
export function Opening({ item }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return <div role="status">{item.state === "declined" ? <Closed item={item} /> : late ? <Waiting /> : <p class="lead">{gettext("Opening the door…")}</p>}</div>;
}

function Waiting() {
  const again = (
    <button type="button" class="button button-quiet" onClick={() => void followDoors()}>
      {gettext("Try now")}
    </button>
  );
  return (
    <Notice sign="up" title={gettext("This door needs a network once")} ways={again}>
      <p>{gettext("It opens by itself as soon as this phone has one. From then on it works without.")}</p>
    </Notice>
  );
}

/** @param {{ item: OutboxItem }} props */
function Closed({ item }) {
  const away = (
    <button type="button" class="button button-quiet" onClick={() => void dismiss(item.id)}>
      {gettext("Put away")}
    </button>
  );
  return (
    <Notice tone="warn" title={gettext("This link does not open the door any more")} ways={away}>
      <p>{gettext("It has ended, or an organiser has withdrawn it. Ask them for a new one.")}</p>
    </Notice>
  );
}
