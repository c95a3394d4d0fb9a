/** Whether the phone is at a code's place: judged here alone, in doubt for the learner, and never in their way. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { commit, placeOf } from "../../pwa/app/actions/codes.js";
import { comparePlace, judgePlace, placeChoice, rememberPlaceChoice } from "../../pwa/app/actions/place.js";
import { arrive, scan } from "../../pwa/app/actions/scan.js";
import { changeSavedPlaylist } from "../../pwa/app/store/bundles.js";
import { outbox } from "../../pwa/app/store/outbox.js";
import { freshPhone } from "./browser.js";
import { noNetwork, open } from "./city.js";

const PLACE = { lat: 51.85, lon: 5.86, radius: 200 };
const [POINT, SECRET] = ["7K3M9QXT", "2F4G6H8JKMNPQRST"];
const CODE = /** @type {const} */ ({ point: POINT, proof: `1${SECRET}`, kind: "poster" });
const POSTER = `https://leren.example/s/${POINT}#1${SECRET}`;

beforeEach(async () => {
  await freshPhone();
  noNetwork();
});

afterEach(() => stand(undefined));

/** @param {any} geolocation */
function stand(geolocation) {
  Object.defineProperty(navigator, "geolocation", { value: geolocation, configurable: true });
}

const code = async (/** @type {Place | undefined} */ place) => ({
  ...{ point: POINT, activity: "boats", level: 1, window: null, commitment: await commit(POINT, null, SECRET), hint: "7K" },
  ...(place && { place }),
});

/** @param {number} metres to the north @param {number} accuracy */
const at = (metres, accuracy) => ({ latitude: PLACE.lat + metres / 111_195, longitude: PLACE.lon, accuracy });

for (const [metres, accuracy, is, kind] of /** @type {const} */ ([
  [0, 5, "in", "fine"],
  [199, 5, "in", "fine"],
  [240, 50, "in", "fine"],
  [260, 50, "out", "fine"],
  [1000, 900, "in", "coarse"],
  [1000, 51, "out", "coarse"],
]))
  test(`${metres} m away by ${accuracy} m is ${is}, ${kind}`, () =>
    assert.deepEqual(judgePlace(PLACE, at(metres, accuracy)), { is, accuracy: kind }));

test("degrees of longitude are shorter in the north", () => {
  assert.equal(judgePlace(PLACE, { latitude: PLACE.lat, longitude: PLACE.lon + 0.0028, accuracy: 1 }).is, "in");
  assert.equal(judgePlace({ ...PLACE, lat: 0 }, { latitude: 0, longitude: PLACE.lon + 0.0028, accuracy: 1 }).is, "out");
});

test("what the phone would not say is unknown", async () => {
  stand({ getCurrentPosition: (/** @type {any} */ _found, /** @type {any} */ failed) => failed({ code: 1 }) });
  assert.deepEqual(await comparePlace(PLACE), { is: "unknown" });
  stand(undefined);
  assert.deepEqual(await comparePlace(PLACE), { is: "unknown" });
});

test("only the code that asks is asked for", async () => {
  const codes = [await code(PLACE), { ...(await code(undefined)), point: "8K3M9QXT" }];
  assert.deepEqual(await placeOf(codes, CODE), PLACE);
  assert.equal(await placeOf(codes, { ...CODE, point: "8K3M9QXT" }), null);
  assert.equal(await placeOf(codes, { ...CODE, proof: `1${SECRET.replace("2", "3")}` }), null, "another code of the point");
});

test("a saved code asks before anything is kept, and the word is kept with it, without coordinates", async () => {
  const saved = /** @type {any} */ ({ activities: [{ id: "boats", title: "Boats", url: "/en/activities/boats", tasks: [] }], codes: [await code(PLACE)] });
  await changeSavedPlaylist("museum", (row) => ({ ...row, bundle: saved }));
  assert.deepEqual(await scan(POSTER, { hosts: ["leren.example"] }), { is: "where", asked: PLACE, group: false });
  assert.equal((await outbox()).length, 0);
  stand({ getCurrentPosition: (/** @type {any} */ found) => found({ coords: at(500, 10) }) });
  const place = await comparePlace(PLACE);
  assert.equal((await scan(POSTER, { hosts: ["leren.example"], place })).is, "checked-in");
  const event = open((await outbox())[0].p);
  assert.deepEqual(event.body.place, { is: "out", accuracy: "fine" });
  assert.doesNotMatch(JSON.stringify(event), /51\.8|5\.86|latitude/);
});

test("a page that was never saved says by itself that its code asks", async () => {
  const how = { activity: "boats", codes: [await code(PLACE)] };
  assert.equal((await arrive(CODE, how)).is, "where");
  assert.equal((await arrive(CODE, { ...how, place: { is: "unknown" } })).is, "here");
  assert.deepEqual((await outbox())[0].body.place, { is: "unknown" });
});

test("what nobody answered for good becomes the answer of whoever begins here, and of the group none", async () => {
  await rememberPlaceChoice("no", false);
  await arrive(CODE, { activity: "boats" });
  assert.equal(await placeChoice(false), "no");
  assert.equal(await placeChoice(true), undefined);
  await rememberPlaceChoice(undefined, false);
  assert.equal(await placeChoice(false), undefined);
});
