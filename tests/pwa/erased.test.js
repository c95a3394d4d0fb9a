/** A learner erased everything: this phone empties itself of them, says what was not sent, and leaves the others alone. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { device, learnerId, learnersHere } from "../../pwa/app/store/device.js";
import { db } from "../../pwa/app/store/db.js";
import { erasedNews } from "../../pwa/app/store/erased.js";
import { newId } from "../../pwa/app/store/ids.js";
import { itemsOf } from "../../pwa/app/store/outbox.js";
import { putPerson } from "../../pwa/app/store/people.js";
import { putSetting, setting } from "../../pwa/app/store/settings.js";
import { syncAll } from "../../pwa/app/sync/all.js";
import { syncOnce } from "../../pwa/app/sync/client.js";
import { recordEvent } from "../../pwa/app/sync/events.js";
import { problem } from "../../pwa/app/sync/status.js";
import { freshPhone } from "./browser.js";
import { noNetwork, startCity } from "./city.js";

const stars = () => recordEvent("feedback.give", { activity: newId(), stars: 5 });

beforeEach(freshPhone);

/** @returns {Promise<{ada: string, ben: string}>} Ada is at work, and Ben learns here too */
async function two() {
  await stars();
  const ben = /** @type {string} */ (await learnerId());
  await putSetting("learner", null);
  await stars();
  const ada = /** @type {string} */ (await learnerId());
  await putPerson({ name: "Ada", picture: "fox" }, ada);
  return { ada, ben };
}

/** All keys and values of the phone in which a text stands. @param {string} text */
async function traces(text) {
  const found = [];
  const database = await db();
  for (const name of database.objectStoreNames)
    for (const row of await database.getAll(name)) if (JSON.stringify(row).includes(text)) found.push(name);
  return found;
}

test("once it is accepted nothing of theirs is on the phone, and the others stay", async () => {
  startCity();
  const { ada, ben } = await two();
  await recordEvent("learner.erase", { word: "erase" });
  assert.equal(await syncAll(), "done");
  assert.deepEqual(await learnersHere(), [ben]);
  assert.deepEqual(await traces(ada), []);
  assert.equal((await itemsOf(ben)).length, 2);
  assert.equal((await setting("learner")) ?? null, null);
  const [news] = await erasedNews();
  assert.deepEqual([news.name, news.unsent], ["Ada", 0]);
});

test("offline everything stays until it was sent", async () => {
  const { ada } = await two();
  noNetwork();
  await recordEvent("learner.erase", { word: "erase" });
  assert.equal(await syncAll(), "offline");
  assert.ok(await device(ada));
});

test("a phone that hears it from the server says what it had not sent, and gives no more trouble", async () => {
  const city = startCity();
  const { ada } = await two();
  city.instead.push(gone);
  assert.equal(await syncOnce({ learner: ada }), "done");
  assert.equal(await device(ada), null);
  assert.deepEqual((await erasedNews()).map(({ unsent }) => unsent), [1]);
  assert.equal(problem.value, null);
});

const gone = () => new Response(JSON.stringify({ status: 410, code: "erased" }), { status: 410, headers: { "Sync-Proto": "1" } });
