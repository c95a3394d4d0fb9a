/** One stop in a playlist's route: its mark says whether it is done, done here, begun or open. */
import { gettext, ngettext } from "../i18n.js";
import { Sign } from "./icons.jsx";

/**
 * @param {{
 *   activity: import("./playlist.jsx").RouteActivity,
 *   position: number,
 *   progress?: ActivityProgress,
 *   isNext: boolean,
 * }} props
 */
export function RouteStop({ activity, position, progress, isNext }) {
  const state = progress?.state ?? "open";
  const isDone = state === "done" || state === "waiting";
  return (
    <li class={activity.required ? "route-stop" : "route-stop is-choice"} data-state={state}>
      <a href={activity.url} aria-current={isNext ? "step" : undefined}>
        <span class="route-mark" aria-hidden="true">
          {isDone ? <Sign name={state === "done" ? "check" : "device"} /> : position}
        </span>
        <span class="route-words">
          <span class="route-title">{activity.title}</span>
          <span class="muted">{placeWords(activity)}</span>
          <span class="chips">
            <StateChip state={state} progress={progress} isNext={isNext} required={activity.required} />
            {activity.signal === false && <span class="chip chip-warn">{gettext("No signal here")}</span>}
          </span>
        </span>
      </a>
    </li>
  );
}

/** @param {{state: Standing, progress?: ActivityProgress, isNext: boolean, required?: boolean}} props */
function StateChip({ state, progress, isNext, required }) {
  if (state === "done") return <span class="chip chip-ok">{gettext("Done")}</span>;
  if (state === "waiting") return <span class="chip chip-waiting">{gettext("Done here, waits to be sent")}</span>;
  if (state === "begun" && progress?.total) {
    const { done, total } = progress;
    return <span class="chip">{ngettext("%(done)s of %(num)s done", "%(done)s of %(num)s done", total, { done })}</span>;
  }
  if (isNext) return <span class="chip">{gettext("Next stop")}</span>;
  return <span class="chip">{required ? gettext("Required") : gettext("One to choose from")}</span>;
}

/** @param {import("./playlist.jsx").RouteActivity} activity */
function placeWords({ place, minutes }) {
  const time = minutes ? ngettext("%(num)s minute", "%(num)s minutes", minutes) : "";
  return [place, time].filter(Boolean).join(" · ");
}
