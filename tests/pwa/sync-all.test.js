/** Several learners on one device: everybody's work arrives, as their own. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { device, learnerId } from "../../pwa/app/store/device.js";
import { newId } from "../../pwa/app/store/ids.js";
import { itemsOf, othersWaiting, outbox, waitingCount } from "../../pwa/app/store/outbox.js";
import { putSetting, setting } from "../../pwa/app/store/settings.js";
import { syncAll } from "../../pwa/app/sync/all.js";
import { recordEvent } from "../../pwa/app/sync/events.js";
import { problem } from "../../pwa/app/sync/status.js";
import { requestSync } from "../../pwa/app/sync/triggers.js";
import { freshPhone } from "./browser.js";
import { noNetwork, open, startCity } from "./city.js";

const stars = () => recordEvent("feedback.give", { activity: newId(), stars: 5 });

/** Another learner comes to work on this tablet. @returns {Promise<string>} */
async function somebodyElse() {
  await putSetting("learner", null);
  await stars();
  return /** @type {string} */ (await learnerId());
}

beforeEach(freshPhone);

test("everybody's work is sent as their own, by their own device, whoever is at work", async () => {
  const city = startCity();
  const learners = [await somebodyElse(), await somebodyElse(), await somebodyElse()];
  await putSetting("learner", learners[1]);
  assert.equal(await waitingCount(), 1);
  assert.equal(await othersWaiting(), 2);
  assert.equal(await syncAll(), "done");
  assert.equal(city.batches[0].learner, learners[1]);
  for (const { learner, device: whose, events } of city.batches)
    for (const { p } of events) assert.deepEqual([open(p).learner, open(p).device], [learner, whose]);
  for (const learner of learners) {
    assert.deepEqual(
      (await itemsOf(learner)).map((item) => item.state),
      ["accepted", "accepted"],
    );
    assert.ok(await setting(`synced_at@${learner}`));
  }
  assert.equal(city.events.size, 6);
  assert.equal(await othersWaiting(), 0);
});

test("with nobody at work what others left here still goes", async () => {
  const city = startCity();
  await somebodyElse();
  await putSetting("learner", null);
  await requestSync();
  assert.equal(city.events.size, 2);
});

test("the first thing that somebody does while others' work is being sent goes as well, without waiting for the timer", async () => {
  const city = startCity();
  await somebodyElse();
  await putSetting("learner", newId());
  const meanwhile = async () => {
    await stars();
    void requestSync();
    return new Response("{}", { status: 500, headers: { "Sync-Proto": "1" } });
  };
  city.instead.push(/** @type {any} */ (meanwhile));
  await requestSync();
  assert.equal(await waitingCount(), 0);
  assert.equal(city.events.size, 4);
});

test("trouble with one learner's device holds up nobody else, and is no news to the one at work", async () => {
  const city = startCity();
  const [other, mine] = [await somebodyElse(), await somebodyElse()];
  const revoked = (await device(other))?.device ?? "";
  const refuse = (/** @type {string} */ _path, /** @type {any} */ init) =>
    new TextDecoder().decode(init.body).startsWith(`{"device":"${revoked}"`)
      ? new Response(JSON.stringify({ code: "device_revoked" }), { status: 401, headers: { "Sync-Proto": "1" } })
      : undefined;
  for (let n = 0; n < 9; n++) city.instead.push(refuse);
  const third = await somebodyElse();
  await putSetting("learner", mine);
  assert.equal(await syncAll(), "done");
  assert.equal(problem.value, null);
  assert.deepEqual(new Set([...city.events.values()].map((event) => event.learner)), new Set([mine, third]));
  assert.deepEqual(
    (await itemsOf(other)).map((item) => item.state),
    ["saved", "saved"],
  );
});

test("a server that asks for patience is asked by nobody", async () => {
  const city = startCity();
  await somebodyElse();
  await somebodyElse();
  city.instead.push(() => new Response("", { status: 429, headers: { "Retry-After": "90" } }));
  assert.equal(await syncAll(), "wait");
  assert.equal(await syncAll(), "wait");
  assert.equal(city.batches.length, 0);
});

test("a pause that a clock set back has made endless is over", async () => {
  const city = startCity();
  await stars();
  await putSetting("pause_until", Date.now() + 3 * 24 * 3600 * 1000);
  assert.equal(await syncAll(), "done");
  assert.equal(city.events.size, 2);
});

test("those of whom nothing waits are not asked about at every turn", async () => {
  const city = startCity();
  await somebodyElse();
  await somebodyElse();
  await syncAll();
  const before = city.batches.length;
  await syncAll();
  assert.equal(city.batches.length, before + 1);
});

test("a page opened with no network and nothing done asks nothing", async () => {
  noNetwork();
  assert.equal(await requestSync(), "nothing");
  assert.deepEqual(await outbox(), []);
});
