/** What a mail's link or a kit's code opens: one tap first, because mail programs open links that nobody has read yet. */
import { useState } from "preact/hooks";
import { confirmMail, enterByKit, openMail } from "../actions/enter.js";
import { gettext, language, ngettext } from "../i18n.js";
import { dateWords } from "./date-words.js";
import { troubleWords } from "./enter-words.js";
import { Notice } from "./notice.jsx";

/** @typedef {import("../actions/enter.js").Way} Way @typedef {import("../actions/enter.js").Choice} Choice */

/** @param {{way: Way, onIn: (invitation: import("../actions/invitations.js").Invitation) => void}} props */
export function EnterByLink({ way: { kind, token }, onIn }) {
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState("");
  const [choices, setChoices] = useState(/** @type {Choice[]} */ ([]));
  const [confirmed, setConfirmed] = useState("");
  /** @param {string} [learner] */
  const open = async (learner) => {
    if (busy) return;
    setBusy(true);
    setSaid("");
    try {
      if (kind === "confirm") setConfirmed((await confirmMail(token)).address);
      else if (kind === "kit") return onIn(await enterByKit(token));
      else {
        const opened = await openMail(token, learner);
        if (opened.entry) return onIn(opened.entry);
        setChoices(opened.choices);
      }
    } catch (error) {
      setSaid(troubleWords(error));
    }
    setBusy(false);
  };
  if (confirmed) return <Confirmed address={confirmed} />;
  return (
    <div class="stack account">
      {choices.length ? <Choices choices={choices} onChoose={(learner) => void open(learner)} /> : <Question kind={kind} busy={busy} onYes={() => void open()} />}
      <p role="alert" class={said ? "task-word tone-bad" : "hidden"}>
        {said}
      </p>
      {said && (
        <p>
          <a href={`/${language()}/enter`}>{gettext("Other ways to get back in")}</a>
        </p>
      )}
    </div>
  );
}

/** @param {{kind: Way["kind"], busy: boolean, onYes: () => void}} props */
function Question({ kind, busy, onYes }) {
  return (
    <>
      <p class="lead">
        {kind === "confirm"
          ? gettext("Is the address that got this link yours, and did you add it as a way back in?")
          : gettext("Your badges and your progress come to this phone.")}
      </p>
      <p>
        <button type="button" class="button" aria-busy={busy} aria-disabled={busy} onClick={onYes}>
          {kind === "confirm" ? gettext("Yes, it is mine") : gettext("Get back in")}
        </button>
      </p>
    </>
  );
}

/** @param {{choices: Choice[], onChoose: (learner: string) => void}} props */
function Choices({ choices, onChoose }) {
  return (
    <>
      <h2>{gettext("Several learners share this address. Which one are you?")}</h2>
      <ul class="way-list">
        {choices.map((one) => (
          <li key={one.learner}>
            <p class="way-name">{ngettext("%(num)s badge", "%(num)s badges", one.badges)}</p>
            <p class="muted">
              {gettext("Learning since %(date)s", { date: dateWords(one.since) })}
              {one.seen && " · " + gettext("last here on %(date)s", { date: dateWords(one.seen) })}
            </p>
            <p class="way-ways">
              <button type="button" class="button button-small" onClick={() => onChoose(one.learner)}>
                {gettext("That is me")}
              </button>
            </p>
          </li>
        ))}
      </ul>
    </>
  );
}

/** @param {{address: string}} props */
function Confirmed({ address }) {
  return (
    <div role="status">
      <Notice tone="ok" sign="check" title={gettext("The address is confirmed")}>
        <p>{gettext("%(address)s is a way back in from now on. You can close this page.", { address })}</p>
      </Notice>
    </div>
  );
}
