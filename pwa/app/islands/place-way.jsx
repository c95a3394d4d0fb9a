/** Whether codes may ask where this phone is: shown once the learner has answered for good, and taken back here. */
import { placeChoice, rememberPlaceChoice } from "../actions/place.js";
import { gettext } from "../i18n.js";
import { useLive } from "./use-live.js";

export function PlaceWay() {
  const choice = useLive(() => placeChoice(false), ["settings"]);
  if (!choice) return null;
  return (
    <p class="place-way">
      <span>
        {choice === "yes"
          ? gettext("When a code asks for its place, this phone compares.")
          : gettext("When a code asks for its place, this phone says nothing.")}
      </span>
      <button type="button" class="button button-quiet button-small" onClick={() => void rememberPlaceChoice(undefined, false)}>
        {gettext("Ask me each time")}
      </button>
    </p>
  );
}
