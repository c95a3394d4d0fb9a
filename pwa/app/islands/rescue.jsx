/** For a phone that cannot get online: give what waits to another phone, or take somebody else's and bring it. */
import { useEffect, useState } from "preact/hooks";
import { exportRescue, shareable, shareRescue } from "../actions/rescue.js";
import { importRescue } from "../actions/take-rescue.js";
import { gettext, ngettext } from "../i18n.js";
import { carried } from "../store/carried.js";
import { isWork } from "../store/outbox.js";
import { dayOf, timeOf } from "./date-words.js";
import { Sign } from "./icons.jsx";
import { whyWords } from "./item-state.jsx";
import { sizeWords } from "./size-words.js";
import { useLive } from "./use-live.js";

/** @typedef {{file: File, things: number, people: number, canShare: boolean}} Made */

/** Opens by itself where something that was taken here is not settled; only a person closes it. */
export function Rescue() {
  const items = (useLive(carried, ["relay"]) ?? []).filter(isWork);
  const [open, setOpen] = useState(false);
  const unsettled = items.some((item) => item.state !== "delivered");
  useEffect(() => {
    if (unsettled) setOpen(true);
  }, [unsettled]);
  return (
    <details class="rescue" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{gettext("If this phone cannot get online")}</summary>
      <Give />
      <Take />
      {items.length > 0 && <Carried items={items} />}
    </details>
  );
}

function Give() {
  const [made, setMade] = useState(/** @type {Made | null} */ (null));
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const make = async () => {
    setBusy(true);
    setSaid(gettext("Putting it together…"));
    const { words, found } = await makeFile();
    setMade(found);
    setSaid(words);
    setBusy(false);
  };
  const share = async () => {
    const outcome = await shareRescue(/** @type {Made} */ (made).file);
    if (outcome === "failed") setSaid(gettext("Sharing did not work. Save the file and send it another way."));
    if (outcome === "shared") setSaid(gettext("Shared. Everything stays on this phone as well, until it is sent."));
  };
  return (
    <section aria-labelledby="rescue-give">
      <h3 id="rescue-give">{gettext("Give your work to another phone")}</h3>
      <p>{gettext("A rescue file holds all that waits here, signed. Somebody who gets online takes it and brings it; it counts as yours, once.")}</p>
      <p class="rescue-ways">
        <button type="button" class="button button-quiet" disabled={busy} onClick={make}>
          <Sign name="up" />
          {gettext("Make a rescue file")}
        </button>
        {made && <SaveLink file={made.file} />}
        {made?.canShare && (
          <button type="button" class="button" onClick={share}>
            <Sign name="share" />
            {gettext("Share it")}
          </button>
        )}
      </p>
      <p class="rescue-said" role="status">
        {said}
      </p>
    </section>
  );
}

/** @returns {Promise<{words: string, found: Made | null}>} */
async function makeFile() {
  try {
    const found = await exportRescue();
    if (!found) return { words: gettext("Nothing waits on this phone: there is nothing to rescue."), found: null };
    const { things, people, file } = found;
    const words = gettext("%(things)s of %(people)s (%(size)s). Save or share it now.", {
      things: thingsWords(things),
      people: peopleWords(people),
      size: sizeWords(file.size),
    });
    return { words, found: { ...found, canShare: Boolean(shareable(file)) } };
  } catch (error) {
    console.warn(error);
    return { words: gettext("The file could not be made. Everything is still on this phone; please try again."), found: null };
  }
}

/** @param {{file: File}} props */
function SaveLink({ file }) {
  const [address, setAddress] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(file);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return (
    <a class="button" href={address} download={file.name}>
      <Sign name="down" />
      {gettext("Save it")}
    </a>
  );
}

function Take() {
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const take = async (/** @type {File} */ file) => {
    setBusy(true);
    setSaid(gettext("Reading the file…"));
    setSaid(await takeFile(file));
    setBusy(false);
  };
  return (
    <section aria-labelledby="rescue-take">
      <h3 id="rescue-take">{gettext("Bring somebody's work")}</h3>
      <p>{gettext("Take the rescue file that somebody gave you. This phone sends it when it is online; their name and their badges stay theirs.")}</p>
      <label class="button button-quiet file-way">
        <input
          type="file"
          accept=".json,.txt,application/json,text/plain"
          disabled={busy}
          onChange={(event) => {
            const input = event.currentTarget;
            const file = input.files?.[0];
            // So that the same file can be chosen again: after it was read, some browsers empty it with the field.
            if (file) void take(file).finally(() => (input.value = ""));
          }}
        />
        <span>{gettext("Take a rescue file")}</span>
      </label>
      <p class="rescue-said" role="status">
        {said}
      </p>
    </section>
  );
}

/**
 * @param {File} file
 * @returns {Promise<string>}
 */
async function takeFile(file) {
  try {
    return takenWords(await importRescue(file));
  } catch (error) {
    console.warn(error);
    return notTakenWords(/** @type {any} */ (error)?.why);
  }
}

/** @param {import("../actions/take-rescue.js").Taken} taken */
function takenWords({ things, people, known, damaged, from, to }) {
  const broken = damaged ? ngettext("%(num)s thing in it is damaged and was left out.", "%(num)s things in it are damaged and were left out.", damaged) : "";
  if (!things) return [known ? gettext("All of it is here already.") : gettext("There is nothing in it."), broken].filter(Boolean).join(" ");
  const days = dayOf(from) === dayOf(to) ? dayOf(from) : gettext("%(from)s to %(to)s", { from: dayOf(from), to: dayOf(to) });
  const held = gettext("Taken: %(things)s of %(people)s, done %(days)s. It is sent when this phone is online.", {
    things: thingsWords(things),
    people: peopleWords(people),
    days,
  });
  return [held, broken].filter(Boolean).join(" ");
}

/** @param {string | undefined} why */
function notTakenWords(why) {
  switch (why) {
    case "form":
      return gettext("This is no rescue file. Nothing was changed.");
    case "newer":
      return gettext("This file was made by a newer app. Open this page when you are online, then take it again.");
    case "elsewhere":
      return gettext("This file is for another city's server. Take it in the app where it was made.");
    case "large":
      return gettext("This file is too large. Ask for several smaller ones.");
    case "full":
      return gettext("There is not enough room on this phone. Make some room, then take it again.");
    default:
      return gettext("The file could not be read. Nothing was changed; please try again.");
  }
}

/** @param {{items: RelayItem[]}} props */
function Carried({ items }) {
  const brought = items.filter((item) => item.state === "delivered").length;
  const waiting = items.filter((item) => item.state === "carried");
  const refused = items.filter((item) => item.state === "refused");
  return (
    <section class="rescue-carried" aria-labelledby="rescue-carried">
      <h3 id="rescue-carried">{gettext("What you carry for others")}</h3>
      <ul>
        {brought > 0 && (
          <li class="item-state tone-ok">
            <Sign name="check" />
            {ngettext("%(num)s carried thing has arrived", "%(num)s carried things have arrived", brought)}
          </li>
        )}
        {waiting.length > 0 && (
          <li class="item-state">
            <Sign name="device" />
            {ngettext("%(num)s carried thing waits to be sent", "%(num)s carried things wait to be sent", waiting.length)}
          </li>
        )}
        {refused.map((item) => (
          <li class="item-state tone-bad" key={item.id}>
            <Sign name="cross" />
            <span>{gettext("Not accepted: something done at %(time)s.", { time: timeOf(item.at) })}</span>
            <span class="item-state-why">{whyWords(item.why ?? "")}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** @param {number} count */
const thingsWords = (count) => ngettext("%(num)s thing", "%(num)s things", count);

/** @param {number} count */
const peopleWords = (count) => ngettext("%(num)s person", "%(num)s people", count);
