/** What whoever is at work may change about themselves: name, picture, PIN, and leaving this device. */
import { useState } from "preact/hooks";
import { changePerson, removePerson, setPin } from "../actions/people.js";
import { gettext, ngettext } from "../i18n.js";
import { Notice } from "./notice.jsx";
import { PersonForm, PinFields, pinWords } from "./people-form.jsx";

/** @typedef {import("../store/people.js").Someone} Someone */

/** @param {{ me: Someone, onDone: (words?: string) => void }} props */
export function Own({ me, onDone }) {
  return (
    <div class="stack">
      <PersonForm
        title={gettext("Change name or picture")}
        taken={[]}
        name={me.name}
        picture={me.picture}
        submit={gettext("Keep")}
        onCancel={() => onDone()}
        onSubmit={async ({ name, picture }) => {
          await changePerson(me.learner, { name, picture });
          onDone(gettext("Changed"));
        }}
      />
      {me.name && <OwnPin me={me} onDone={onDone} />}
      <Leave me={me} onDone={onDone} />
    </div>
  );
}

/** @param {{ me: Someone, onDone: (words?: string) => void }} props */
function OwnPin({ me, onDone }) {
  const [pins, setPins] = useState(["", ""]);
  const [complaint, setComplaint] = useState("");
  /** @param {Event} event */
  const send = async (event) => {
    event.preventDefault();
    const wrong = pins[0] ? pinWords(pins) : gettext("A PIN has 4 to 6 digits.");
    setComplaint(wrong);
    if (wrong) return;
    await setPin(me.learner, pins[0]);
    onDone(gettext("The PIN is set"));
  };
  return (
    <details class="card">
      <summary>{me.pin ? gettext("Change the PIN") : gettext("Set a PIN")}</summary>
      <form class="stack" noValidate onSubmit={send}>
        <PinFields pins={pins} onChange={setPins} />
        <p class="task-word tone-bad" role="alert">
          {complaint}
        </p>
        <div class="people-ways">
          <button type="submit" class="button">
            {gettext("Set the PIN")}
          </button>
          {me.pin && (
            <button
              type="button"
              class="button button-quiet"
              onClick={async () => {
                await setPin(me.learner, null);
                onDone(gettext("The PIN is gone"));
              }}
            >
              {gettext("No PIN any more")}
            </button>
          )}
        </div>
      </form>
    </details>
  );
}

/** @param {{ me: Someone, onDone: (words?: string) => void }} props */
function Leave({ me, onDone }) {
  const [left, setLeft] = useState(0);
  const [rescued, setRescued] = useState(false);
  const name = me.name || gettext("No name yet");
  const rescue = async () => {
    const made = await (await import("../actions/rescue.js")).exportRescue();
    if (made) download(made.file);
    setRescued(true);
  };
  return (
    <details class="card">
      <summary>{gettext("Remove from this device")}</summary>
      <div class="stack">
        <p>
          {gettext("Badges that you have shared stay in the world. But this device opens them no more, and no new work can be added from here. Use another phone too before you go, or keep your badges as files.")}
        </p>
        <div role="alert">
          {left > 0 && (
            <Notice
              tone="warn"
              title={ngettext("%(num)s thing is not sent yet", "%(num)s things are not sent yet", left)}
              ways={
                <button type="button" class="button button-quiet" onClick={() => void rescue()}>
                  {gettext("Keep it as a rescue file")}
                </button>
              }
            >
              <p>{gettext("Nothing was removed. Go where there is a network, wait until all is sent, and try again. Or keep it as a file first: another phone can send that.")}</p>
              {rescued && <p role="status">{gettext("Look whether the file is in your downloads. Then you can remove.")}</p>}
            </Notice>
          )}
        </div>
        <button
          type="button"
          class="button button-quiet"
          onClick={async () => {
            const unsent = await removePerson(me.learner, { rescued });
            setLeft(unsent);
            if (!unsent) onDone(gettext("%(name)s was removed from this device", { name }));
          }}
        >
          {gettext("Remove %(name)s from this device", { name })}
        </button>
      </div>
    </details>
  );
}

/** @param {File} file */
function download(file) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
