/** How far a playlist is, by its own rule: in words, with a bar that repeats them for the eye. */
import { gettext, inLanguage, language, ngettext } from "../i18n.js";

/** @param {{rules: Rules, progress: PlaylistProgress, award?: AwardRow}} props */
export function PlaylistStanding({ rules, progress, award }) {
  return (
    <div class="standing" data-state={progress.state}>
      {award && <img class="standing-badge" src={award.image} alt="" width="72" height="72" />}
      <div class="standing-words">
        <p class="standing-title" role="status">
          {titleWords(progress, award)}
        </p>
        {progress.state !== "done" && <p class="muted">{ruleWords(rules, progress)}</p>}
        {award && (
          <a class="standing-way" href={`/${language()}/badges#${award.id}`}>
            {gettext("Show my badge: %(badge)s", { badge: inLanguage(award.name) })}
          </a>
        )}
      </div>
      <StandingBar progress={progress} />
    </div>
  );
}

/** @param {{progress: PlaylistProgress}} props */
export function StandingBar({ progress: { done, waiting, total } }) {
  return (
    <div class="standing-bar" aria-hidden="true">
      {Array.from({ length: total }, (_, index) => (
        <span key={index} data-state={index < done ? "done" : index < done + waiting ? "waiting" : "open"} />
      ))}
    </div>
  );
}

/**
 * @param {PlaylistProgress} progress
 * @param {AwardRow} [award]
 */
function titleWords({ state, waiting }, award) {
  if (award) return gettext("You earned the badge");
  if (state === "done") return gettext("Completed");
  if (state === "waiting") return gettext("All done here. The answer comes when it is sent.");
  return waiting
    ? ngettext("You're on your way; %(num)s stop waits to be sent", "You're on your way; %(num)s stops wait to be sent", waiting)
    : gettext("You're on your way");
}

/**
 * The rule with the learner's numbers in it: "3 of 4 required stops, 1 of 1 of your choice".
 * @param {Rules} rules
 * @param {PlaylistProgress} progress
 */
export function ruleWords(rules, { requiredLeft, chooseLeft }) {
  const all = rules.required.length;
  const required = gettext("%(done)s of %(all)s required stops", { done: all - requiredLeft.length, all });
  const chosen = gettext("%(done)s of %(all)s of your choice", { done: rules.choose - chooseLeft, all: rules.choose });
  if (!rules.choose) return required;
  return all ? gettext("%(required)s, %(chosen)s", { required, chosen }) : chosen;
}

/**
 * How far, in a few words, without the rule's parts.
 * @param {PlaylistProgress} progress
 */
export function ruleWordsShort({ state, done, waiting, total }) {
  if (state === "done") return gettext("Completed");
  const words = ngettext("%(done)s of %(num)s stop done", "%(done)s of %(num)s stops done", total, { done: done + waiting });
  return waiting ? gettext("%(words)s, of which %(waiting)s not sent yet", { words, waiting }) : words;
}
