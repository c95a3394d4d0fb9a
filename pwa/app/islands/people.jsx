/** Who is learning: everyone who shares this device, by picture and name; switching, adding, changing, going. */
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { guarded } from "../actions/children.js";
import { myClasses } from "../actions/classes.js";
import { addPerson, endTurn, switchTo } from "../actions/people.js";
import { gettext, language } from "../i18n.js";
import { everyone } from "../store/people.js";
import { Children, FamilySign } from "./children.jsx";
import { Guarded } from "./guarded.jsx";
import { Sign } from "./icons.jsx";
import { Notice } from "./notice.jsx";
import { GroupRoom } from "./group-room.jsx";
import { PeopleChoice } from "./people-choice.jsx";
import { PersonForm } from "./people-form.jsx";
import { Own } from "./people-own.jsx";
import { SecondPhone } from "./second-phone.jsx";
import { useLive } from "./use-live.js";

/** @typedef {import("../store/people.js").Someone} Someone */
/** @typedef {"all" | "add" | "own" | "phone" | "group" | "children"} View */
/** @typedef {import("./child-form.jsx").Facts} Facts */

/** @param {HTMLElement} element @param {Facts} facts */
export function start(element, facts) {
  element.replaceChildren();
  render(<People facts={facts} />, element);
}

/** @param {{ facts: Facts }} props */
function People({ facts }) {
  const all = useLive(everyone, ["people", "device", "outbox", "settings"]);
  const guard = useLive(guarded, ["feed", "outbox", "people", "settings"]);
  const classes = useLive(myClasses, ["feed", "outbox", "settings"]);
  const [view, setView] = useState(/** @type {View} */ (/^#(group|children)$/.test(location.hash) ? location.hash.slice(1) : "all"));
  const [said, setSaid] = useState("");
  const room = useRef(/** @type {HTMLDivElement | null} */ (null));
  const learner = all?.find((one) => one.atWork)?.learner;
  const moved = useRef(false);
  useEffect(() => {
    if (moved.current && view === "all") room.current?.focus(); // the other views have a heading that takes it
    moved.current = view !== "all" || said !== "";
  }, [view, said]);
  const before = useRef(/** @type {string | undefined} */ (undefined));
  useEffect(() => {
    if (!all) return;
    const now = learner ?? "";
    // Another tab may have switched; a group is nobody's own. At first only what needs somebody is left.
    if (before.current === undefined ? !now : now !== before.current) setView((view) => (view === "group" ? view : "all"));
    before.current = now;
  }, [learner, Boolean(all)]);
  if (all === undefined) return null;
  if (all === null) return <Notice tone="warn" title={gettext("Nothing can be kept on this device")} />;

  const me = all.find((one) => one.atWork);
  const back = (words = "") => {
    setView("all");
    setSaid(words);
  };
  return (
    <div class="people-room" ref={room} tabIndex={-1}>
      <div role="status">{said && view === "all" && <Notice tone="ok" sign="check" title={said} ways={me && <GoOn />} />}</div>
      {view === "add" && <Add all={all} onDone={back} />}
      {view === "own" && me && <Own key={me.learner} me={me} onDone={back} />}
      {view === "phone" && <SecondPhone onDone={() => back()} />}
      {view === "group" && <GroupRoom all={all} onDone={() => back()} />}
      {view === "children" && me && <Children key={me.learner} all={all} facts={facts} onDone={back} />}
      {view === "all" && (
        <>
          {guard && <Guarded seen={guard} />}
          {all.length > 0 && (
            <PeopleChoice all={all} onSwitched={(one) => setSaid(turnWords(one.name))} />
          )}
          {!all.length && <Invitation />}
          <div class="people-ways">
            <button type="button" class={all.length ? "button button-quiet" : "button"} onClick={() => setView("add")}>
              {all.length && !all.some(({ name }) => name) ? gettext("Give a name") : gettext("Add a person")}
            </button>
            {me && (
              <button type="button" class="button button-quiet" onClick={() => setView("own")}>
                {me.name ? gettext("Change %(name)s", { name: me.name }) : gettext("Change")}
              </button>
            )}
            {me?.name && (
              <button
                type="button"
                class="button button-quiet"
                onClick={async () => {
                  await endTurn();
                  setSaid(gettext("Nobody is learning now"));
                }}
              >
                {gettext("End my turn")}
              </button>
            )}
          </div>
          {all.length > 0 && (
            <a class="card pass-way" href={`/${language()}/pass`}>
              <Sign name="code" />
              <span>
                <span class="card-title">{all.length > 1 ? gettext("Our passes") : gettext("My pass")}</span>
                <span class="muted">{gettext("To show at the door of an activity")}</span>
              </span>
            </a>
          )}
          <button type="button" class="card people-phone" onClick={() => setView("group")}>
            <Sign name="check" />
            <span>
              <span class="card-title">{gettext("Check in a group")}</span>
              <span class="muted">{gettext("For families and classes: one scan, and everyone who is here is in.")}</span>
            </span>
          </button>
          {me && (
            <button type="button" class="card people-phone" onClick={() => setView("phone")}>
              <Sign name="device" />
              <span>
                <span class="card-title">{gettext("Use another phone too")}</span>
                <span class="muted">{gettext("The same badges on two phones, without an account.")}</span>
              </span>
            </button>
          )}
          {me && !guard?.guarded && (
            <button type="button" class="card people-phone" onClick={() => setView("children")}>
              <FamilySign />
              <span>
                <span class="card-title">{gettext("My children")}</span>
                <span class="muted">{gettext("Look after a child's learning: agree, see, bring along.")}</span>
              </span>
            </button>
          )}
          {classes?.map(({ member, name, pseudonym }) => (
            <a key={member} class="card people-phone" href={`/${language()}/class`}>
              <FamilySign />
              <span>
                <span class="card-title" dir="auto">
                  {name}
                </span>
                <span class="muted">{gettext("My class, as %(pseudonym)s", { pseudonym })}</span>
              </span>
            </a>
          ))}
          {!me && <Elsewhere />}
          <p class="muted">{gettext("Names and pictures stay on this device and are never sent, unless somebody lets their pass show them. Everyone's work is kept and sent as their own, also after a switch.")}</p>
        </>
      )}
    </div>
  );
}

/** @param {string} name */
const turnWords = (name) => (name ? gettext("It's %(name)s's turn", { name }) : gettext("It's your turn"));

function Invitation() {
  return (
    <p class="lead">{gettext("Do several people share this device? Each gets a picture and a name, and their own badges.")}</p>
  );
}

function Elsewhere() {
  return (
    <a class="card people-phone" href={`/${language()}/join`}>
      <Sign name="device" />
      <span>
        <span class="card-title">{gettext("Do you learn on another phone already?")}</span>
        <span class="muted">{gettext("Then use this one too, with the same badges and progress.")}</span>
      </span>
    </a>
  );
}

function GoOn() {
  return (
    <a class="button" href={`/${language()}/learning`}>
      {gettext("Go on learning")}
    </a>
  );
}

/** @param {{ all: Someone[], onDone: (words?: string) => void }} props */
function Add({ all, onDone }) {
  const isFirst = !all.some(({ name }) => name);
  const unnamed = isFirst ? all.find((one) => one.atWork) : undefined;
  return (
    <PersonForm
      title={unnamed ? gettext("Who has been learning here until now?") : gettext("Add a person")}
      taken={all.map(({ picture }) => picture)}
      withPin
      submit={gettext("That's me")}
      onCancel={() => onDone()}
      onSubmit={async (who) => {
        const learner = await addPerson(who);
        if (!all.find((one) => one.learner === learner)?.atWork) await switchTo(learner, who.pin);
        onDone(turnWords(who.name));
      }}
    />
  );
}

