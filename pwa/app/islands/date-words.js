/** Dates and times as people write them. */
import { language } from "../i18n.js";

/** @param {string} iso */
export function dateWords(iso) {
  return new Date(iso).toLocaleDateString(language(), { dateStyle: "long" });
}

/**
 * A time as people say it; with the day when it is another one.
 * @param {number} at ms
 * @param {string} [timeZone] the phone's own, unless another one is named
 */
export function timeOf(at, timeZone) {
  const day = (/** @type {Date} */ date) => date.toLocaleDateString("en", { timeZone });
  const today = day(new Date(at)) === day(new Date());
  return new Date(at).toLocaleString(language(), { timeStyle: "short", hourCycle: "h23", timeZone, ...(!today && { dateStyle: "medium" }) });
}

/**
 * The time of a day.
 * @param {number} at ms
 */
export const clockOf = (at) => new Date(at).toLocaleTimeString(language(), { timeStyle: "short", hourCycle: "h23" });

/**
 * A day, short.
 * @param {number} at ms
 */
export function dayOf(at) {
  return new Date(at).toLocaleDateString(language(), { dateStyle: "medium" });
}

/**
 * A session's day and time as people say it, by the city's clock as everywhere on its pages.
 * @param {number} at ms
 */
export function whenOf(at) {
  const timeZone = document.documentElement.dataset.timezone;
  const words = { weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "2-digit", hourCycle: "h23", timeZone };
  return new Date(at).toLocaleString(language(), /** @type {Intl.DateTimeFormatOptions} */ (words));
}
