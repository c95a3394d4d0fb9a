/** Milestones on the way: how far one is, and what is still missing. Fetched by the grid when there are any. */
import "../load/visiting.js";
import { gettext, inLanguage, language, ngettext } from "../i18n.js";

/** @param {{milestones: MilestoneRow[]}} props */
export function Milestones({ milestones }) {
  return (
    <section class="on-the-way" aria-labelledby="milestones">
      <h2 id="milestones">{gettext("On the way")}</h2>
      <ul class="milestone-list">
        {milestones.map((one) => (
          <li key={one.series} class="card shown-badge">
            <img src={one.image} alt="" width="96" height="96" />
            <div class="stack">
              <a class="card-title" href={`/${language()}/achievements/${one.achievement}`}>
                {inLanguage(one.name)}
              </a>
              <Standing milestone={one} />
            </div>
          </li>
        ))}
      </ul>
      <p>
        <a href={`/${language()}/milestones`}>{gettext("All milestones")}</a>
      </p>
    </section>
  );
}

/** @param {{milestone: MilestoneRow}} props */
function Standing({ milestone: { series, count, done, missing, needs } }) {
  const id = `milestone-${series}`;
  const left = Math.max(0, count - done.length);
  return (
    <>
      <p id={id}>{gettext("%(done)s of %(count)s", { done: Math.min(done.length, count), count })}</p>
      <progress aria-labelledby={id} max={count} value={Math.min(done.length, count)} />
      {left > 0 && <Parts words={left === missing.length ? gettext("Still missing:") : ngettext("%(num)s more of these:", "%(num)s more of these:", left)} parts={missing} />}
      {needs.length > 0 && <Parts words={ngettext("You also need this badge:", "You also need these badges:", needs.length)} parts={needs} />}
    </>
  );
}

/** @param {{words: string, parts: MilestonePart[]}} props */
function Parts({ words, parts }) {
  return (
    <>
      <p class="muted">{words}</p>
      <ul class="milestone-parts">
        {parts.map(({ path, name, by }) => (
          <li key={path}>
            <a href={`/${language()}${path}`}>{inLanguage(name)}</a> <span class="muted">{inLanguage(by)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
