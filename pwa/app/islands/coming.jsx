/** Sessions to come at which the learner asked for a place, also those that were called off, with why. */
import { gettext, inLanguage, language } from "../i18n.js";
import { whenOf } from "./date-words.js";
import { ReservationState } from "./reservation-state.jsx";

/** @param {{ reservations: import("../actions/reservations.js").Reservation[] }} props */
export function Coming({ reservations }) {
  if (!reservations.length) return null;
  return (
    <section aria-labelledby="coming">
      <h2 id="coming">{gettext("Coming")}</h2>
      <ul class="journal">
        {reservations.map((one) => (
          <li key={one.occurrence} class="entry" data-state={one.state === "called_off" || one.state === "refused" ? "declined" : undefined}>
            <p class="entry-title" dir="auto">
              <a href={`${one.slug ? `/${language()}/activities/${one.slug}` : one.url}#session-${one.occurrence}`}>
                {one.titles ? inLanguage(one.titles) : one.title}
              </a>
            </p>
            <p class="entry-what">
              <time dateTime={new Date(one.starts).toISOString()}>{whenOf(one.starts)}</time>
              {one.place && inLanguage(one.place) && <span dir="auto">{inLanguage(one.place)}</span>}
            </p>
            <ReservationState standing={one} />
          </li>
        ))}
      </ul>
    </section>
  );
}
