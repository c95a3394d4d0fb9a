/** What the server could not take where it stood is recorded again, counts once, and the learner sees one item. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { dismiss, sendNow } from "../../pwa/app/actions/outbox.js";
import { db } from "../../pwa/app/store/db.js";
import { device } from "../../pwa/app/store/device.js";
import { newId } from "../../pwa/app/store/ids.js";
import { itemsOf, outbox, outboxItem, waitingCount } from "../../pwa/app/store/outbox.js";
import { syncOnce } from "../../pwa/app/sync/client.js";
import { recordEvent } from "../../pwa/app/sync/events.js";
import { cloneOfPhone, freshPhone, pickUp } from "./browser.js";
import { open, startCity } from "./city.js";

const stars = (/** @type {string} */ activity = newId()) => recordEvent("feedback.give", { activity, stars: 5 });
const given = async () => (await outbox()).filter((item) => item.type === "feedback.give");

/**
 * @param {ReturnType<typeof startCity>} city
 * @returns {string[]} the activities that the server took feedback on, each as often as it took it
 */
const taken = (city) =>
  [...city.events.values()].filter((event) => event.type === "feedback.give").map(({ body }) => body.activity);

/**
 * Work, make a backup, work on, and come back as the backup: the server knows more of this phone than it does itself.
 * @param {number} since how much was sent after the backup
 */
async function putBack(since) {
  await stars();
  await syncOnce();
  const backup = await cloneOfPhone();
  for (let n = 0; n < since; n++) await stars();
  await syncOnce();
  await pickUp(backup);
}

beforeEach(freshPhone);

test("a phone restored from a backup sends what it did since, once, with its moments", async () => {
  const city = startCity();
  await putBack(2);
  const [one, two] = [await stars(), await stars()];
  assert.equal(await syncOnce(), "done");
  assert.equal(new Set(taken(city)).size, 5);
  assert.equal(taken(city).length, 5);
  const items = await given();
  assert.deepEqual(new Set(items.map((item) => item.state)), new Set(["accepted"]));
  assert.equal(items.length, 3);
  assert.equal(await waitingCount(), 0);
  for (const first of [one, two]) {
    const now = /** @type {OutboxItem} */ (await outboxItem(first.id));
    assert.notEqual(now.id, first.id);
    assert.deepEqual(open(now.p).at, open(first.p).at);
    assert.deepEqual(now.body, first.body);
  }
});

test("what was taken back stays taken back when both are recorded again", async () => {
  const city = startCity();
  await putBack(2);
  const regretted = await stars();
  await recordEvent("event.withdraw", { event: regretted.id });
  await syncOnce();
  const [withdrawal] = [...city.events.values()].filter(({ type }) => type === "event.withdraw");
  const now = /** @type {OutboxItem} */ (await outboxItem(regretted.id));
  assert.notEqual(now.id, regretted.id);
  assert.equal(withdrawal.body.event, now.id);
});

test("a door that is recorded again stays open, and who was taken out there stays out", async () => {
  const city = startCity();
  await putBack(3);
  const opened = await recordEvent("door.open", { link: "x.y" });
  const letIn = await recordEvent("checkin.confirm", { occurrence: newId(), guest: "Mo" }, { needs: [opened.id] });
  await recordEvent("checkin.undo", { event: letIn.id }, { needs: [opened.id, letIn.id] });
  await syncOnce();
  const [said] = [...city.events.values()].filter(({ type }) => type === "checkin.undo");
  const [door, entry] = await Promise.all([opened, letIn].map(({ id }) => outboxItem(id)));
  assert.notEqual(door?.id, opened.id);
  assert.equal(said.body.event, entry?.id);
  assert.deepEqual(said.needs, [door?.id, entry?.id]);
});

test("what was recorded again goes to a restored server once, not under its old id too", async () => {
  const city = startCity();
  await putBack(1);
  const twice = await stars();
  await syncOnce();
  city.events.clear();
  city.verdicts.clear();
  city.epoch = "e2";
  await syncOnce();
  assert.equal(taken(city).filter((activity) => activity === twice.body.activity).length, 1);
  assert.ok(!city.events.has(twice.id));
});

test("two living twins of a phone take turns, and each thing counts once", async () => {
  const city = startCity();
  await stars();
  await syncOnce();
  const one = globalThis.indexedDB;
  const twin = await cloneOfPhone();
  const done = [...taken(city)];
  for (let turn = 0; turn < 6; turn++) {
    await pickUp(turn % 2 ? twin : one);
    for (let n = 0; n <= turn % 3; n++) done.push((await stars()).body.activity);
    await syncOnce();
    assert.deepEqual([...taken(city)].sort(), [...done].sort());
  }
  for (const phone of [one, twin]) {
    await pickUp(phone);
    await syncOnce();
    assert.deepEqual(new Set((await given()).map((item) => item.state)), new Set(["accepted"]));
    assert.equal((await outbox()).filter((item) => item.type === "event.lost").length, 0);
  }
  const seqs = [...city.events.values()].map((event) => event.seq).sort((a, b) => a - b);
  assert.deepEqual(seqs, seqs.map((_, place) => place + 1));
});

test("a twin whose reply got lost while it recorded again does not double it", async () => {
  const city = startCity();
  await stars();
  await syncOnce();
  const twin = await cloneOfPhone();
  await stars();
  await syncOnce();
  await pickUp(twin);
  await stars();
  city.loseReply = true;
  await syncOnce();
  city.loseReply = false;
  await syncOnce();
  city.loseReply = true;
  await syncOnce();
  city.loseReply = false;
  await syncOnce();
  assert.equal(new Set(taken(city)).size, 3);
  assert.equal(taken(city).length, 3);
  assert.deepEqual(new Set((await given()).map((item) => item.state)), new Set(["accepted"]));
});

test("a chain that stays broken ends declined, in sight", async () => {
  const city = startCity();
  city.judge = (event) =>
    event.type === "feedback.give"
      ? { state: "rejected", why: "chain_broken", effect: { seq: event.seq, prev: "x".repeat(43) } }
      : { state: "ok" };
  await stars();
  for (let n = 0; n < 3; n++) await syncOnce();
  const items = await given();
  assert.deepEqual(
    items.map((item) => [item.state, item.dismissed]),
    [["declined", false]],
  );
});

test("a file that came too late is handed in again by itself, while it is here", async () => {
  const city = startCity();
  let late = true;
  city.judge = (event) => {
    if (event.type !== "evidence.submit") return { state: "ok" };
    return late ? { state: "rejected", why: "blob_late", appeal: true } : { state: "ok" };
  };
  const photo = { bytes: new Uint8Array([1, 2, 3]).buffer, mime: "image/jpeg" };
  const first = await recordEvent("evidence.submit", { task: newId(), activity: newId() }, { blobs: [photo] });
  const guard = city.judge;
  city.judge = (event) => {
    const verdict = guard(event);
    if (event.type === "evidence.submit") late = false;
    return verdict;
  };
  await syncOnce();
  const now = /** @type {OutboxItem} */ (await outboxItem(first.id));
  assert.equal(now.state, "accepted");
  assert.notEqual(now.id, first.id);
  assert.equal((await outbox()).filter((item) => item.type === "evidence.submit").length, 1);
  // Without its file there is nothing to hand in: it stays declined, in sight.
  late = true;
  const gone = { bytes: new Uint8Array([4, 5, 6]).buffer, mime: "image/jpeg" };
  const second = await recordEvent("evidence.submit", { task: newId(), activity: newId() }, { blobs: [gone] });
  await (await db()).delete("blobs", [second.learner, second.blobs[0].sha256]);
  await syncOnce();
  assert.equal((await outboxItem(second.id))?.state, "declined");
});

test("a hole is declared with the time around it, and the learner sees it until they put it away", async () => {
  const city = startCity();
  const [before, lost, after] = [await stars(), await stars(), await stars()];
  await syncOnce();
  await (await db()).delete("outbox", lost.id);
  city.missing = [{ device: lost.device, seq: [lost.seq, lost.seq] }, { device: newId(), seq: [1, 9] }];
  await syncOnce();
  const news = (await outbox()).filter((item) => item.type === "event.lost");
  assert.equal(news.length, 1);
  assert.deepEqual([news[0].lost, news[0].dismissed], [{ after: before.at, before: after.at }, false]);
  await dismiss(news[0].id);
  assert.equal((await outboxItem(news[0].id))?.dismissed, true);
});

test("a hole that was only recorded again at another place is no loss to tell", async () => {
  const city = startCity();
  await stars();
  await syncOnce();
  const twin = await cloneOfPhone();
  await stars();
  await syncOnce();
  await pickUp(twin);
  const moved = await stars();
  await syncOnce();
  city.missing = [{ device: moved.device, seq: [moved.seq, moved.seq] }];
  await syncOnce();
  const declared = (await itemsOf(moved.learner)).filter((item) => item.type === "event.lost");
  assert.deepEqual(
    declared.map((item) => item.dismissed),
    [true],
  );
});

test("what the server put off keeps its time, whoever taps", async () => {
  const city = startCity();
  city.judge = (event) =>
    event.type === "feedback.give" ? { state: "later", why: "fault", retry_s: 600 } : { state: "ok" };
  await stars();
  await syncOnce();
  const batches = city.batches.length;
  await sendNow();
  const [item] = await given();
  assert.equal(city.batches.slice(batches).some((batch) => batch.events.length), false);
  assert.deepEqual([item.state, item.why], ["saved", "fault"]);
  assert.ok(Number(item.aside_until) > Date.now() + 500_000);
});

test("what is recorded again keeps the anchor that bounds its time, not the newest one", async () => {
  const city = startCity();
  await stars();
  await syncOnce();
  const twin = await cloneOfPhone();
  await stars();
  await syncOnce();
  await pickUp(twin);
  const first = await stars();
  city.anchor = "a2";
  await syncOnce();
  const again = /** @type {OutboxItem} */ (await outboxItem(first.id));
  assert.notEqual(again.id, first.id);
  assert.equal(open(again.p).at.anchor, "a1");
  assert.equal((await device())?.anchor?.id, "a2");
});
