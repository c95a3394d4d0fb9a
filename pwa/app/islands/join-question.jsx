/** Before a phone joins: a yes; and where somebody has learned on it, whether that was the same person. */
import { useEffect, useRef, useState } from "preact/hooks";
import { gettext, language } from "../i18n.js";
import { JoinTogether } from "./join-together.jsx";
import { PersonForm } from "./people-form.jsx";
import { PersonPicture } from "./people-pictures.jsx";

/** @typedef {import("../store/people.js").Someone} Someone */

/**
 * @param {{
 *   others: Someone[],
 *   onYes: (who?: {name: string, picture: string}) => Promise<void>,
 *   onTogether: (mine: string) => Promise<void>,
 * }} props onYes: they stay apart · onTogether: the invited one is this learner
 */
export function Question({ others, onYes, onTogether }) {
  const [was, setWas] = useState(/** @type {Someone | "other" | null} */ (null));
  if (!others.length) return <Empty onYes={() => onYes()} />;
  if (was === null) return <Who others={others} onAnswer={setWas} />;
  if (was !== "other") return <JoinTogether mine={was} onYes={() => onTogether(was.learner)} onNo={() => setWas(null)} />;
  return (
    <div class="stack">
      <p>{gettext("What is here stays, and stays apart: nothing is mixed and nothing is lost. You come beside it, with a name and a picture, and can switch between the two.")}</p>
      <PersonForm
        title={gettext("Who are you on this phone?")}
        taken={others.map(({ picture }) => picture)}
        submit={gettext("Join")}
        onSubmit={onYes}
        onCancel={() => setWas(null)}
      />
    </div>
  );
}

/** @param {{ others: Someone[], onAnswer: (was: Someone | "other") => void }} props */
function Who({ others, onAnswer }) {
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  useEffect(() => heading.current?.focus(), []);
  return (
    <section class="stack" aria-labelledby="join-who">
      <p class="lead">{gettext("This phone will show the same badges and progress as your first phone.")}</p>
      <h2 id="join-who" ref={heading} tabIndex={-1}>
        {gettext("Somebody has learned on this phone before")}
      </h2>
      <p>{gettext("Was that you? Then both can come together. If not, everyone keeps their own.")}</p>
      <ul class="join-people">
        {others.map((one) => (
          <li key={one.learner}>
            <button type="button" class="card join-person" onClick={() => onAnswer(one)}>
              <PersonPicture name={one.picture} />
              <span>
                <span class="card-title">
                  {one.name ? <bdi>{gettext("%(name)s: that was me", { name: one.name })}</bdi> : gettext("That was me")}
                </span>
                <span class="muted">{gettext("Bring it together with my other phone")}</span>
              </span>
            </button>
          </li>
        ))}
        <li>
          <button type="button" class="card join-person" onClick={() => onAnswer("other")}>
            <PersonPicture name="" />
            <span>
              <span class="card-title">{gettext("That was somebody else")}</span>
              <span class="muted">{gettext("Keep apart")}</span>
            </span>
          </button>
        </li>
      </ul>
    </section>
  );
}

/** @param {{ onYes: () => Promise<void> }} props */
function Empty({ onYes }) {
  const [busy, setBusy] = useState(false);
  return (
    <div class="stack">
      <p class="lead">{gettext("This phone will show the same badges and progress as your first phone.")}</p>
      <p>{gettext("What you do on one of them counts on both. You need no account.")}</p>
      <div class="people-ways">
        <button
          type="button"
          class="button"
          aria-disabled={busy}
          onClick={() => {
            setBusy(true);
            onYes().catch((error) => {
              console.warn(error);
              setBusy(false);
            });
          }}
        >
          {gettext("Yes, use this phone too")}
        </button>
        <a class="button button-quiet" href={`/${language()}/`}>
          {gettext("No")}
        </a>
      </div>
    </div>
  );
}
