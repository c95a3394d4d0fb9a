/** One cycle at a time, also when the tab that began it froze; and a late reply turns nothing back. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { db } from "../../pwa/app/store/db.js";
import { device, learnerId } from "../../pwa/app/store/device.js";
import { cursors, feed } from "../../pwa/app/store/feed.js";
import { newId } from "../../pwa/app/store/ids.js";
import { claimStale, LEASE_MS, Robbed } from "../../pwa/app/store/leases.js";
import { outbox } from "../../pwa/app/store/outbox.js";
import { removePerson } from "../../pwa/app/store/people.js";
import { applyReply } from "../../pwa/app/sync/apply.js";
import { syncOnce } from "../../pwa/app/sync/client.js";
import { recordEvent } from "../../pwa/app/sync/events.js";
import { freshPhone } from "./browser.js";
import { startCity } from "./city.js";

const stars = () => recordEvent("feedback.give", { activity: newId(), stars: 5 });
const states = async () => (await outbox()).map((item) => item.state);
const LOCKS = globalThis.navigator.locks;

/** @param {any} locks */
const giveLocks = (locks) => Object.defineProperty(globalThis.navigator, "locks", { value: locks, configurable: true });

/** The holder's tab froze long ago. */
async function letLeaseRunOut() {
  const name = `sync:${await learnerId()}`;
  const database = await db();
  const lease = /** @type {Lease} */ (await database.get("leases", name));
  await database.put("leases", { ...lease, until: Date.now() - 1 });
}

/**
 * A cycle that hangs after the server has judged and before it reads the reply.
 * @param {ReturnType<typeof startCity>} city
 */
async function frozenCycle(city) {
  /** @type {() => void} */
  let thaw = () => {};
  const frozen = new Promise((resolve) => {
    city.beforeReply = () => {
      city.beforeReply = null;
      resolve(null);
      return new Promise((go) => (thaw = () => go(undefined)));
    };
  });
  const outcome = syncOnce();
  await frozen;
  return { outcome, thaw: () => thaw() };
}

beforeEach(freshPhone);
afterEach(() => giveLocks(LOCKS));

for (const [how, locks] of /** @type {[string, any][]} */ ([
  ["the lock and its lease", LOCKS],
  ["the lease alone, without Web Locks", undefined],
])) {
  test(`a second cycle is turned away by ${how}`, async () => {
    giveLocks(locks);
    const city = startCity();
    await stars();
    const first = await frozenCycle(city);
    assert.equal(await syncOnce(), "busy");
    first.thaw();
    assert.equal(await first.outcome, "done");
    assert.equal(await (await db()).count("leases"), 0);
  });

  test(`a frozen tab loses ${how}; when it thaws it applies nothing and doubles nothing`, async () => {
    giveLocks(locks);
    const city = startCity();
    await stars();
    const first = await frozenCycle(city);
    await letLeaseRunOut();
    city.judge = () => ({ state: "rejected", why: "unknown_activity" }); // told apart from what the first one heard
    await stars();
    assert.equal(await syncOnce(), "done");
    assert.deepEqual(await states(), ["declined", "accepted", "accepted"]);
    const after = JSON.stringify(await outbox());
    first.thaw();
    assert.equal(await first.outcome, "busy");
    assert.equal(JSON.stringify(await outbox()), after);
    assert.equal(city.events.size, 3);
  });
}

test("who finds the lock held and no lease yet gives its holder the time of one", async () => {
  assert.equal(await claimStale("x", "second"), false);
  assert.equal(await claimStale("x", "third"), false);
  const database = await db();
  await database.put("leases", { name: "x", holder: "", until: Date.now() - 1 });
  assert.equal(await claimStale("x", "third"), true);
  // Written before the clock was set back: it would hold for ever.
  await database.put("leases", { name: "x", holder: "old", until: Date.now() + 10 * LEASE_MS });
  assert.equal(await claimStale("x", "fourth"), true);
});

test("a reply is not applied once another cycle has the lease", async () => {
  startCity();
  const item = await stars();
  const { learner } = item;
  await (await db()).put("leases", { name: "sync:x", holder: "robber", until: Date.now() + 1000 });
  const reply = { epoch: "e1", results: [{ id: item.id, state: /** @type {const} */ ("ok") }], feeds: {} };
  const about = { learner, sent: [item], now: Date.now() };
  await assert.rejects(applyReply(reply, { ...about, guard: { name: "sync:x", holder: "robbed" } }), Robbed);
  assert.deepEqual(await states(), ["saved", "saved"]);
  await applyReply(reply, { ...about, guard: { name: "sync:x", holder: "robber" } });
  assert.deepEqual(await states(), ["accepted", "saved"]);
});

test("a late reply turns back neither a verdict nor a cursor nor a row", async () => {
  const city = startCity();
  const item = await stars();
  const { learner } = item;
  const name = `learner:${learner}`;
  const asked = { epoch: null, cursors: { [name]: 0 } };
  city.say("checkin:1", { activity: "1", level: 2 });
  await syncOnce();
  city.say("checkin:2", { activity: "2" });
  await syncOnce();
  const before = [JSON.stringify(await outbox()), JSON.stringify(await feed()), await cursors(learner)];
  const part = { rows: [{ ver: 1, key: "checkin:1", op: /** @type {const} */ ("put"), row: { level: 0 } }], next: 1, more: false };
  for (const state of /** @type {const} */ (["later", "hold"])) {
    const reply = { epoch: "e1", results: [{ id: item.id, state, why: "fault" }], feeds: { [name]: part } };
    await applyReply(reply, { learner, sent: [item], now: Date.now(), asked: { ...asked, epoch: "e1" } });
    assert.deepEqual([JSON.stringify(await outbox()), JSON.stringify(await feed()), await cursors(learner)], before);
  }
});

test("a reply of the server before it was restored is not applied over the new one", async () => {
  const city = startCity();
  const item = await stars();
  const { learner } = item;
  await syncOnce();
  const asked = { epoch: "e1", cursors: await cursors(learner) };
  city.epoch = "e2";
  city.judge = () => ({ state: "hold", why: "organiser" });
  city.events.clear();
  city.verdicts.clear();
  await syncOnce();
  const late = { epoch: "e1", results: [{ id: item.id, state: /** @type {const} */ ("ok") }], feeds: {} };
  await assert.rejects(applyReply(late, { learner, sent: [item], now: Date.now(), asked }));
  assert.equal((await device())?.epoch, "e2");
  assert.deepEqual(await states(), ["received", "received"]);
});

test("a feed of many pages is read to its end, also after a reset", async () => {
  const city = startCity();
  await stars();
  city.pageRows = 2;
  for (let n = 0; n < 7; n++) city.say(`checkin:${n}`, { activity: `${n}` });
  await syncOnce();
  assert.equal((await feed()).length, 7);
  city.epoch = "e2";
  city.rows.splice(0);
  for (let n = 10; n < 15; n++) city.say(`checkin:${n}`, { activity: `${n}` });
  await syncOnce();
  assert.deepEqual((await feed()).map(({ key }) => key).sort(), [10, 11, 12, 13, 14].map((n) => `checkin:${n}`));
  assert.equal(Object.values(await cursors((await learnerId()) ?? ""))[0], 5);
});

test("a reply that comes after its learner was removed from this phone brings nothing of theirs back", async () => {
  const city = startCity();
  const item = await stars();
  await syncOnce();
  city.say("award:1", { id: "1" });
  const { outcome, thaw } = await frozenCycle(city);
  await removePerson(item.learner);
  thaw();
  await outcome;
  const database = await db();
  for (const name of /** @type {const} */ (["device", "outbox", "feed", "cursors"])) assert.equal(await database.count(name), 0, name);
  const names = await database.getAllKeys("settings");
  assert.deepEqual(names.filter((name) => name.endsWith(item.learner)), []);
});
