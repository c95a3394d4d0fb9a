/** Adding a child: who it is, born when and living where, and, where the country's law asks for it, a guardian's consent. */
import { useEffect, useRef, useState } from "preact/hooks";
import { addChild } from "../actions/children.js";
import { gettext, language } from "../i18n.js";
import { PersonForm } from "./people-form.jsx";
import { PersonPicture } from "./people-pictures.jsx";

/** @typedef {import("../store/people.js").Someone} Someone */
/** @typedef {{city: string, country: string, ages: Record<string, number>}} Facts ages: of consent, by country; "" for all others */
/** @typedef {{learner?: string, name: string, picture: string}} Who */

/** Whoever is older is nobody's child here. */
const OLDEST = 25;

/** @param {{ all: Someone[], known: string[], facts: Facts, onDone: (words?: string) => void }} props */
export function AddChild({ all, known, facts, onDone }) {
  const [who, setWho] = useState(/** @type {Who | null} */ (null));
  const here = all.filter((one) => !one.atWork && one.name && !one.locked && !known.includes(one.learner));
  const [isNew, setIsNew] = useState(!here.length);
  if (who) return <About who={who} facts={facts} onBack={() => setWho(null)} onDone={onDone} />;
  if (!isNew) return <Here here={here} onChosen={setWho} onNew={() => setIsNew(true)} onDone={() => onDone()} />;
  return (
    <PersonForm
      title={gettext("Add a child")}
      taken={all.map(({ picture }) => picture)}
      submit={gettext("Next")}
      onCancel={() => (here.length ? setIsNew(false) : onDone())}
      onSubmit={async ({ name, picture }) => setWho({ name, picture })}
    />
  );
}

/** @param {{ here: Someone[], onChosen: (who: Who) => void, onNew: () => void, onDone: () => void }} props */
function Here({ here, onChosen, onNew, onDone }) {
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  useEffect(() => heading.current?.focus(), []);
  return (
    <section class="stack">
      <h2 ref={heading} tabIndex={-1}>
        {gettext("Who is your child?")}
      </h2>
      <ul class="people">
        {here.map(({ learner, name, picture }) => (
          <li key={learner}>
            <button type="button" class="person" onClick={() => onChosen({ learner, name, picture })}>
              <PersonPicture name={picture} />
              <span class="person-name" dir="auto">
                {name}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <div class="people-ways">
        <button type="button" class="button" onClick={onNew}>
          {gettext("Somebody who is not here yet")}
        </button>
        <button type="button" class="button button-quiet" onClick={onDone}>
          {gettext("Back")}
        </button>
      </div>
    </section>
  );
}

/** @param {{ who: Who, facts: Facts, onBack: () => void, onDone: (words: string) => void }} props */
function About({ who, facts, onBack, onDone }) {
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  const [born, setBorn] = useState(0);
  const [country, setCountry] = useState(facts.country);
  const [agreed, setAgreed] = useState(false);
  const [named, setNamed] = useState(false);
  const [complaint, setComplaint] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => heading.current?.focus(), []);
  const age = facts.ages[country] ?? facts.ages[""];
  const year = new Date().getFullYear();
  const asks = born > 0 && country !== "" && year <= born + age;

  /** @param {Event} event */
  const send = async (event) => {
    event.preventDefault();
    if (busy) return;
    const missing = !born ? gettext("Choose the year of birth.") : !country ? gettext("Choose the country.") : asks && !agreed ? gettext("Without a guardian's consent this child cannot learn here with an account. Tick it if you agree.") : "";
    setComplaint(missing);
    if (missing) return;
    setBusy(true);
    try {
      await addChild(who, { country, born, consent: asks ? consentOf(facts) : null, named });
      onDone(gettext("%(name)s is added", { name: who.name }));
    } catch (error) {
      console.warn(error);
      setComplaint(gettext("Not saved. Please try again."));
      setBusy(false);
    }
  };
  return (
    <form class="person-form" noValidate onSubmit={send}>
      <h2 ref={heading} tabIndex={-1}>
        {gettext("About %(name)s", { name: who.name })}
      </h2>
      <div class="field">
        <label for="child-born">{gettext("Born in")}</label>
        <select id="child-born" aria-describedby="child-wrong" onChange={(event) => setBorn(Number(event.currentTarget.value))}>
          <option value="0">{gettext("Year")}</option>
          {Array.from({ length: OLDEST + 1 }, (_, back) => year - back).map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for="child-country">{gettext("Lives in")}</label>
        <select id="child-country" value={country} aria-describedby="child-wrong" onChange={(event) => setCountry(event.currentTarget.value)}>
          <option value="">{gettext("Country")}</option>
          {countries(facts).map(([code, name]) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      </div>
      {asks && (
        <fieldset class="card stack child-consent">
          <legend>{gettext("Your consent")}</legend>
          <p class="muted">{gettext("In this country a parent or guardian agrees for everybody under %(age)s.", { age })}</p>
          <ConsentWords facts={facts} />
          <label class="group-switch">
            <input type="checkbox" checked={agreed} onChange={(event) => setAgreed(event.currentTarget.checked)} />
            <span>{gettext("I agree")}</span>
          </label>
        </fieldset>
      )}
      {born > 0 && country !== "" && !asks && <p>{gettext("At this age young people decide for themselves. You may still look after their learning, until they take over.")}</p>}
      <label class="group-switch child-named">
        <input type="checkbox" checked={named} onChange={(event) => setNamed(event.currentTarget.checked)} />
        <span>{gettext("A new phone of mine may know name and picture. Else they stay on this phone.")}</span>
      </label>
      <p id="child-wrong" class="task-word tone-bad" role="alert">
        {complaint}
      </p>
      <div class="people-ways">
        <button type="submit" class="button" aria-disabled={busy}>
          {gettext("Add %(name)s", { name: who.name })}
        </button>
        <button type="button" class="button button-quiet" onClick={onBack}>
          {gettext("Back")}
        </button>
      </div>
      <p class="muted">{gettext("The ages come from a table of the countries' laws. It helps, and is no legal advice.")}</p>
    </form>
  );
}

/** @param {Facts} facts @returns {[string, string][]} code and name, by name */
function countries({ ages, country }) {
  const names = new Intl.DisplayNames(language(), { type: "region" });
  const codes = new Set([...Object.keys(ages), country].filter(Boolean));
  const known = [...codes].map((code) => /** @type {[string, string]} */ ([code, names.of(code) ?? code]));
  known.sort(([, a], [, b]) => a.localeCompare(b, language()));
  return [...known, ["ZZ", gettext("Another country")]];
}

/** @param {{ facts: Facts }} props */
export function ConsentWords({ facts }) {
  return (
    <>
      <p>{words(facts)}</p>
      <p>
        <a href={`/${language()}/privacy`}>{gettext("What is kept, and for how long")}</a>
      </p>
    </>
  );
}

/** The words as they are shown here, to be kept with the consent. @param {Facts} facts */
export const consentOf = (facts) => ({ words: words(facts), lang: language() });

/** @param {Facts} facts */
const words = ({ city }) =>
  gettext("I am a parent or guardian of this child. I agree that %(city)s keeps, under a number, what the child does and learns here, checks it, and gives badges for it. I know that I can see it all, have a copy, have it erased, and withdraw this consent at any time.", { city });
