/** Compares, on this phone alone, where it is with where a code counts. No coordinates leave this module. */

import { learnerId } from "../store/device.js";
import { ownKey, ownSetting, putSetting, setting } from "../store/settings.js";
import { changeGroup } from "./group.js";

const EARTH_M = 6_371_000;
/** A position this good is called fine, metres. */
const FINE_M = 50;
const PATIENCE_MS = 15_000;
/** A position of a moment ago is as good. */
const RECENT_MS = 30_000;

/**
 * @param {Place} place
 * @param {{latitude: number, longitude: number, accuracy: number}} here accuracy in metres
 * @returns {PlaceWord} in doubt in: a weak position must not put anybody out
 */
export function judgePlace({ lat, lon, radius }, { latitude, longitude, accuracy }) {
  const away = distance([lat, lon], [latitude, longitude]);
  return { is: away - accuracy <= radius ? "in" : "out", accuracy: accuracy <= FINE_M ? "fine" : "coarse" };
}

/**
 * Great-circle distance by the haversine formula.
 * @param {[number, number]} one degrees
 * @param {[number, number]} two
 * @returns {number} metres
 */
function distance([lat1, lon1], [lat2, lon2]) {
  const rad = Math.PI / 180;
  const half = (/** @type {number} */ degrees) => Math.sin((degrees * rad) / 2) ** 2;
  const a = half(lat2 - lat1) + Math.cos(lat1 * rad) * Math.cos(lat2 * rad) * half(lon2 - lon1);
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(a)));
}

/**
 * Ask the browser where the phone is, and compare. Works with no network where the phone has a receiver of its own.
 * @param {Place} place
 * @returns {Promise<PlaceWord>} unknown when the person or the phone would not say
 */
export function comparePlace(place) {
  return new Promise((resolve) => {
    if (!navigator.geolocation) return resolve({ is: "unknown" });
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve(judgePlace(place, coords)),
      () => resolve({ is: "unknown" }),
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: RECENT_MS },
    );
  });
}

/**
 * What was answered for good: of whoever is at work, or of the group, for which somebody else answers.
 * @param {boolean} group
 * @returns {Promise<"yes" | "no" | undefined>}
 */
export async function placeChoice(group) {
  return group ? (await setting("group"))?.place : ownSetting("place");
}

/**
 * @param {"yes" | "no" | undefined} choice undefined: ask each time again
 * @param {boolean} group
 */
export async function rememberPlaceChoice(choice, group) {
  if (group) return changeGroup({ place: choice });
  const learner = await learnerId();
  // Nobody's yet: it goes to whoever begins here, as other facts do.
  await putSetting(learner ? ownKey("place", learner) : "place", choice);
}
