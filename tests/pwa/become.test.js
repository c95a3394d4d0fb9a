/** Two learners turn out to be one: what is on the phone goes into one name at once, and nothing is lost on the way. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { bringTogether, together, whatIsHere } from "../../pwa/app/actions/bring-together.js";
import { checkIn } from "../../pwa/app/actions/check-in.js";
import { addPerson, switchTo } from "../../pwa/app/actions/people.js";
import { phones, namePhone, lockOut } from "../../pwa/app/actions/phones.js";
import { record } from "../../pwa/app/actions/record.js";
import { become } from "../../pwa/app/store/become.js";
import { db } from "../../pwa/app/store/db.js";
import { atWork, learnerId, learnersHere } from "../../pwa/app/store/device.js";
import { feed } from "../../pwa/app/store/feed.js";
import { newId } from "../../pwa/app/store/ids.js";
import { itemsOf, waitingCount } from "../../pwa/app/store/outbox.js";
import { everyone } from "../../pwa/app/store/people.js";
import { changeOwnSetting, ownSetting } from "../../pwa/app/store/settings.js";
import { requestSync } from "../../pwa/app/sync/triggers.js";
import { freshPhone } from "./browser.js";
import { noNetwork, startCity } from "./city.js";

const CODE = { point: "7QAB3CDE", proof: "10123456789ABCDEF" };
const SECRET = "s".repeat(43);

beforeEach(async () => {
  await freshPhone();
  noNetwork();
});

/** Somebody has learned here, all is sent, and the city has told them of it. */
async function begin() {
  const city = startCity();
  await addPerson({ name: "Sam", picture: "fox" });
  city.say("checkin:a", { activity: "a" });
  city.say("award:b", { id: "b", awarded_at: "2026" });
  await checkIn(CODE);
  await requestSync();
  return { city, former: /** @type {string} */ (await learnerId()), learner: newId() };
}

test("the server's word puts all in the other's name, and the next cycle reads their feed from the beginning", async () => {
  const { city, former, learner } = await begin();
  assert.deepEqual(await whatIsHere(former), { badges: 1, checkIns: 1, waiting: 0 });
  await changeOwnSetting("celebrated", () => ["b"]);
  const before = city.batches.length;
  city.judge = (event) => {
    if (event.type === "learner.merge") city.merged.set(event.learner, event.body.into);
    return { state: "ok" };
  };
  const event = await bringTogether({ learner, secret: SECRET }, former);
  await requestSync();
  assert.deepEqual(await together(event), { state: "together", why: null, learner });
  assert.deepEqual([await learnerId(), await learnersHere()], [learner, [learner]]);
  assert.deepEqual((await everyone()).map(({ learner, name }) => [learner, name]), [[learner, "Sam"]]);
  assert.equal((await itemsOf(learner)).length, 3);
  assert.equal((await itemsOf(former)).length, 0);
  assert.deepEqual(await ownSetting("celebrated"), ["b"]);
  const last = city.batches.at(-1);
  assert.ok(city.batches.length > before + 1);
  assert.deepEqual([last.learner, Object.keys(last.cursors)], [learner, [`learner:${learner}`]]);
  assert.equal((await feed()).length, city.rows.length);
  const { turn } = await atWork();
  await record("playlist.save", { playlist: newId() }, { begun: { learner: former, turn: (turn ?? 0) - 1 } });
  assert.deepEqual(await learnersHere(), [learner]); // what was begun before is theirs too
});

test("where both have learned on one phone, the former goes once all it signed was sent", async () => {
  const { former } = await begin();
  const other = await addPerson({ name: "Ada", picture: "owl" });
  await switchTo(other);
  await record("playlist.save", { playlist: newId() });
  await requestSync();
  await switchTo(former);
  const online = globalThis.fetch;
  noNetwork();
  await checkIn({ ...CODE, point: "8QAB3CDE" });
  await become(former, other);
  assert.equal(await waitingCount(), 1);
  assert.ok((await db()).get("device", former));
  globalThis.fetch = online;
  await requestSync();
  await become(former, other);
  assert.deepEqual([await learnersHere(), await learnerId()], [[other], other]);
});

test("what is said of a phone shows at once, and waits to be sent", async () => {
  const { city } = await begin();
  const mine = /** @type {string} */ ((await (await db()).getAll("device"))[0].device);
  const old = newId();
  city.say(`device:${old}`, { device: old, name: "", agent: "Safari, iPhone", since: 5, seen: 7, revoked: null });
  await requestSync();
  assert.deepEqual((await phones()).map(({ device, isThis }) => [device, isThis]), [[mine, true], [old, false]]);
  noNetwork();
  await namePhone(old, "Old");
  await lockOut(old);
  const [, other] = await phones();
  assert.deepEqual([other.name, Boolean(other.revoked), other.asked], ["Old", true, true]);
  assert.equal(await waitingCount(), 0); // no work of theirs
});
