/** What a learner agreed to, or a guardian for them: since when, until when, and where it can be taken back. */
import { gettext, language } from "../i18n.js";
import { dayOf } from "./date-words.js";

/** @typedef {OwnData["consents"][number]} Given */

/** @param {{all: Given[]}} props */
export function DataConsents({ all }) {
  return (
    <section aria-labelledby="data-consents">
      <h2 id="data-consents">{gettext("What you agreed to")}</h2>
      <ul class="data-list">
        {all.map((one) => (
          <li key={`${one.what} ${one.given} ${one.words}`} class="card">
            <span dir="auto">{whatWords(one)}</span>
            <span class="muted">
              {whoWords(one)}
              {one.ended ? gettext("From %(date)s to %(end)s", { date: dayOf(one.given), end: dayOf(one.ended) }) : gettext("Since %(date)s", { date: dayOf(one.given) })}
            </span>
            {!one.ended && <Back given={one} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** @param {Given} given */
function whatWords({ what, words }) {
  if (what === "mail") return gettext("A mail to %(address)s, when you want to get back in", { address: words });
  if (what === "push") return gettext("Messages to a phone of yours, about what you chose");
  return words;
}

/** @param {Given} given */
function whoWords({ child, guardian }) {
  if (child) return `${gettext("For your child")} · `;
  return guardian ? `${gettext("By whoever looks after you")} · ` : "";
}

/** Where it is taken back. @param {{given: Given}} props */
function Back({ given: { what, child, guardian } }) {
  if (guardian && !child) return <span class="muted">{gettext("They can take it back, on their own phone.")}</span>;
  const [way, words] = child
    ? ["people#children", gettext("Take it back")]
    : what === "mail"
      ? ["account#account-mails", gettext("Take the address away")]
      : what === "push"
        ? ["learning#this-phone", gettext("Switch them off, on that phone")]
        : ["", ""];
  return way ? <a href={`/${language()}/${way}`}>{words}</a> : null;
}
