/** My phones: what each is called, when it was last here, and locking one out. */
import "../load/visiting.js";
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { lockOut, namePhone, phones } from "../actions/phones.js";
import { exportRescue } from "../actions/rescue.js";
import { gettext } from "../i18n.js";
import { problem } from "../sync/status.js";
import { dayOf } from "./date-words.js";
import { Notice } from "./notice.jsx";
import { OfTurn } from "./of-turn.jsx";
import { OtherPhone } from "./other-phone.jsx";
import { useLive } from "./use-live.js";

/** @typedef {import("../actions/phones.js").MyPhone} MyPhone */

const LONGEST_NAME = 60;

/** @param {HTMLElement} element */
export function start(element) {
  element.replaceChildren();
  render(
    <OfTurn>
      <Phones />
    </OfTurn>,
    element,
  );
}

function Phones() {
  const all = useLive(phones, ["feed", "device", "outbox", "settings"]);
  const [said, setSaid] = useState("");
  if (all === undefined) return null;
  if (all === null) return <Notice tone="warn" title={gettext("Nothing can be kept on this device")} />;
  const isLocked = problem.value?.kind === "locked" || all.some((one) => one.isThis && one.revoked);
  return (
    <div class="stack">
      {isLocked && <LockedOut />}
      <p class="lead">{gettext("All phones and browsers on which you learn. A phone that is lost or sold can be locked out from here.")}</p>
      <p role="status" class="phone-said">
        {said}
      </p>
      {!all.length && <p class="muted">{gettext("Nobody is learning on this phone yet.")}</p>}
      <ul class="phone-list">
        {all.map((one) => (
          <Phone key={one.device} phone={one} mayChange={!isLocked} onSaid={setSaid} />
        ))}
      </ul>
      {!isLocked && all.length > 0 && <OtherPhone />}
    </div>
  );
}

function LockedOut() {
  const [file, setFile] = useState(/** @type {{address: string, name: string} | "none" | "failed" | null} */ (null));
  const make = async () => {
    try {
      const made = await exportRescue();
      setFile(made ? { address: URL.createObjectURL(made.file), name: made.file.name } : "none");
    } catch (error) {
      console.warn(error);
      setFile("failed");
    }
  };
  const isMade = file !== null && typeof file === "object";
  return (
    <Notice
      tone="bad"
      title={gettext("This phone is locked out")}
      ways={
        isMade ? (
          <a class="button" href={file.address} download={file.name}>
            {gettext("Save it")}
          </a>
        ) : (
          <button type="button" class="button button-quiet" onClick={() => void make()}>
            {gettext("Put what was not sent into a file")}
          </button>
        )
      }
    >
      <p>{gettext("Another phone of yours has locked it out, for good: nothing is sent from here any more, and what was not sent does not count. It stays on this phone, and you can keep it as a file to read.")}</p>
      <p role="status">
        {file === "none" && gettext("All that you did here was sent before.")}
        {file === "failed" && gettext("The file could not be made. Everything is still on this phone; please try again.")}
        {isMade && gettext("The file is ready.")}
      </p>
    </Notice>
  );
}

/** @param {{ phone: MyPhone, mayChange: boolean, onSaid: (words: string) => void }} props */
function Phone({ phone, mayChange, onSaid }) {
  const [asks, setAsks] = useState(/** @type {"" | "name" | "lock"} */ (""));
  const name = phone.name || agentWords(phone.agent);
  const done = (/** @type {string} */ words) => {
    setAsks("");
    onSaid(words);
  };
  return (
    <li class="card stack">
      <h2 dir="auto">{name}</h2>
      <p class="muted">
        {phone.isThis && <strong>{gettext("This phone")} · </strong>}
        {seenWords(phone)}
      </p>
      {phone.asked && <p class="muted">{gettext("Said here; your other phones hear of it when this one has a network.")}</p>}
      {asks === "name" && <Name phone={phone} was={name} onDone={done} />}
      {asks === "lock" && <Lock phone={phone} name={name} onDone={done} />}
      {asks === "" && mayChange && !phone.revoked && (
        <div class="people-ways">
          <button type="button" class="button button-quiet button-small" onClick={() => setAsks("name")}>
            {gettext("Rename")}
            <span class="hidden">: {name}</span>
          </button>
          {!phone.isThis && (
            <button type="button" class="button button-quiet button-small" onClick={() => setAsks("lock")}>
              {gettext("Lock out")}
              <span class="hidden">: {name}</span>
            </button>
          )}
        </div>
      )}
    </li>
  );
}

/** @param {{ phone: MyPhone, was: string, onDone: (words: string) => void }} props */
function Name({ phone, was, onDone }) {
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [name, setName] = useState(phone.name);
  const [failed, setFailed] = useState(false);
  useEffect(() => input.current?.focus(), []);
  /** @param {Event} event */
  const keep = async (event) => {
    event.preventDefault();
    try {
      await namePhone(phone.device, name.trim());
      onDone(gettext("Changed"));
    } catch (error) {
      console.warn(error);
      setFailed(true);
    }
  };
  return (
    <form class="stack" noValidate onSubmit={keep}>
      <div class="field">
        <label for={`name-${phone.device}`}>{gettext("Name")}</label>
        <input
          id={`name-${phone.device}`}
          ref={input}
          autocomplete="off"
          maxLength={LONGEST_NAME}
          dir="auto"
          placeholder={was}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </div>
      <p role="alert" class="task-word tone-bad">
        {failed && gettext("Not saved. Please try again.")}
      </p>
      <div class="people-ways">
        <button type="submit" class="button button-small">
          {gettext("Keep")}
        </button>
        <button type="button" class="button button-quiet button-small" onClick={() => onDone("")}>
          {gettext("Back")}
        </button>
      </div>
    </form>
  );
}

/** @param {{ phone: MyPhone, name: string, onDone: (words: string) => void }} props */
function Lock({ phone, name, onDone }) {
  const question = useRef(/** @type {HTMLParagraphElement | null} */ (null));
  const [failed, setFailed] = useState(false);
  useEffect(() => question.current?.focus(), []);
  const lock = async () => {
    try {
      await lockOut(phone.device);
      onDone(gettext("%(name)s is locked out.", { name }));
    } catch (error) {
      console.warn(error);
      setFailed(true);
    }
  };
  return (
    <div class="stack" role="group" aria-label={gettext("Lock out")}>
      <p ref={question} tabIndex={-1}>
        {gettext("Lock out “%(name)s”? It can then send nothing more, for good. What it has sent stays yours; what it has not sent yet does not count.", { name })}
      </p>
      <p role="alert" class="task-word tone-bad">
        {failed && gettext("Not saved. Please try again.")}
      </p>
      <div class="people-ways">
        <button type="button" class="button button-danger button-small" onClick={() => void lock()}>
          {gettext("Lock it out for good")}
        </button>
        <button type="button" class="button button-quiet button-small" onClick={() => onDone("")}>
          {gettext("Back")}
        </button>
      </div>
    </div>
  );
}

/** @param {MyPhone} phone */
function seenWords({ isThis, seen, since, revoked }) {
  if (revoked) return gettext("Locked out on %(date)s", { date: dayOf(revoked) });
  if (isThis) return gettext("in use since %(date)s", { date: dayOf(since) });
  const date = dayOf(seen);
  return date === dayOf(Date.now()) ? gettext("last here today") : gettext("last here on %(date)s", { date });
}

/** As the phone introduced itself: browser and system. @param {string} agent */
const agentWords = (agent) => agent || gettext("Phone without a name");
