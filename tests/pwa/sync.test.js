/** Sync loses nothing and doubles nothing, whatever the network and the server do. */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { sendNow } from "../../pwa/app/actions/outbox.js";
import { db } from "../../pwa/app/store/db.js";
import { device } from "../../pwa/app/store/device.js";
import { awards, cursors, feed } from "../../pwa/app/store/feed.js";
import { forgetOld } from "../../pwa/app/store/forget.js";
import { newId } from "../../pwa/app/store/ids.js";
import { changeItems, outbox, outboxItem, waitingCount } from "../../pwa/app/store/outbox.js";
import { ownKey } from "../../pwa/app/store/settings.js";
import { applyReply } from "../../pwa/app/sync/apply.js";
import { pick, syncOnce } from "../../pwa/app/sync/client.js";
import { recordEvent } from "../../pwa/app/sync/events.js";
import { gaps } from "../../pwa/app/sync/holes.js";
import { online, problem } from "../../pwa/app/sync/status.js";
import { freshPhone, reopen } from "./browser.js";
import { noNetwork, startCity } from "./city.js";

const DAY = 24 * 3600 * 1000;
const stars = (n = 5) => recordEvent("feedback.give", { activity: newId(), stars: n });
const states = async () => (await outbox()).reverse().map((item) => item.state);

beforeEach(freshPhone);

test("nothing is asked of the server before the first action", async () => {
  const city = startCity();
  assert.equal(await syncOnce(), "nothing");
  assert.equal(city.batches.length, 0);
});

test("what was recorded is sent once, hello first, and accepted", async () => {
  const city = startCity();
  await stars();
  await stars();
  assert.equal(await syncOnce(), "done");
  assert.deepEqual(
    [...city.events.values()].map((e) => [e.seq, e.type]),
    [
      [1, "device.hello"],
      [2, "feedback.give"],
      [3, "feedback.give"],
    ],
  );
  assert.deepEqual(await states(), ["accepted", "accepted", "accepted"]);
  assert.equal(await waitingCount(), 0);
  assert.equal(online.value, true);
  assert.equal(await syncOnce(), "done");
  assert.equal(city.batches.at(-1).events.length, 0);
});

test("with no network everything waits", async () => {
  noNetwork();
  await stars();
  assert.equal(await syncOnce(), "offline");
  assert.deepEqual(await states(), ["saved", "saved"]);
  assert.equal(online.value, false);
});

test("a reply that got lost is healed by sending again, and counts once", async () => {
  const city = startCity();
  await stars();
  city.loseReply = true;
  assert.equal(await syncOnce(), "offline");
  assert.deepEqual(await states(), ["saved", "saved"]);
  city.loseReply = false;
  await syncOnce();
  assert.equal(city.events.size, 2);
  assert.deepEqual(await states(), ["accepted", "accepted"]);
});

test("a duplicate keeps the first verdict and its reason", async () => {
  const city = startCity();
  city.judge = (event) =>
    event.type === "feedback.give"
      ? { state: "rejected", why: "unknown_activity", appeal: true }
      : { state: "ok" };
  await stars();
  city.loseReply = true;
  await syncOnce();
  city.loseReply = false;
  await syncOnce();
  const [item] = await outbox();
  assert.deepEqual([item.state, item.why, item.appeal], ["declined", "unknown_activity", true]);
});

test("a verdict that only the feed brings heals a lost reply too", async () => {
  const city = startCity();
  const item = await stars();
  city.judge = () => ({ state: "hold", why: "organiser" });
  await syncOnce();
  assert.equal((await outbox())[0].state, "received");
  city.say(`verdict:${item.id}`, { event: item.id, state: "ok", why: "", effect: { done: true } });
  await syncOnce();
  const [now] = await outbox();
  assert.deepEqual([now.state, now.why, now.effect], ["accepted", null, { done: true }]);
  assert.equal((await feed()).length, 0);
});

test("a captive portal's page is not taken for an answer, whatever it looks like", async () => {
  const city = startCity();
  await stars();
  const portals = [
    () => new Response("<h1>Welcome to the hotel</h1>", { status: 200 }),
    () => new Response(JSON.stringify({ epoch: "x", results: [], feeds: {} }), { status: 200 }),
    () => new Response("{}", { status: 401 }),
  ];
  for (const portal of portals) {
    city.instead = [portal];
    assert.equal(await syncOnce(), "offline");
    assert.deepEqual(await states(), ["saved", "saved"]);
    assert.equal((await device())?.epoch, null);
  }
  assert.equal(await syncOnce(), "done");
});

test("an event that the server cannot take now waits alone, and blocks no other", async () => {
  const city = startCity();
  const stuck = await stars(1);
  await stars(2);
  city.judge = (event) =>
    event.id === stuck.id ? { state: "later", why: "fault", retry_s: 60 } : { state: "ok" };
  assert.equal(await syncOnce(), "done");
  assert.deepEqual(await states(), ["accepted", "saved", "accepted"]);
  assert.equal(await waitingCount(), 1);
});

test("verdicts, rows and cursor move together or not at all", async () => {
  startCity();
  const item = await stars();
  const { learner } = item;
  const reply = {
    epoch: "e1",
    results: [{ id: item.id, state: /** @type {const} */ ("ok") }],
    // A row that cannot be stored: a function is no structured data.
    feeds: {
      [`learner:${learner}`]: {
        rows: [{ ver: 7, key: "award:x", op: /** @type {const} */ ("put"), row: () => 1 }],
        next: 7,
        more: false,
      },
    },
  };
  await assert.rejects(applyReply(reply, { learner, sent: [item], now: Date.now() }));
  assert.deepEqual(await states(), ["saved", "saved"]);
  assert.deepEqual(await cursors(learner), { [`learner:${learner}`]: 0 });
  assert.equal((await device())?.epoch, null);
});

test("a badge arrives by the feed and is kept; a tombstone removes a row", async () => {
  const city = startCity();
  await stars();
  city.say("award:1", { id: "1", name: { en: "Explorer" }, awarded_at: "2026-11-23T10:00:00Z" });
  city.say("checkin:9", { activity: "9" });
  await syncOnce();
  city.say("checkin:9", null, "del");
  await syncOnce();
  await reopen();
  assert.deepEqual(
    (await awards()).map((award) => award.id),
    ["1"],
  );
  assert.deepEqual(
    (await feed()).map((row) => row.key),
    ["award:1"],
  );
});

test("Retry-After is heeded, even by a person in a hurry", async () => {
  const city = startCity();
  await stars();
  city.instead.push(() => new Response("", { status: 503, headers: { "Retry-After": "120" } }));
  assert.equal(await syncOnce(), "wait");
  assert.equal(problem.value?.kind, "wait");
  assert.equal(await sendNow(), "wait");
  assert.equal(city.batches.length, 0);
  assert.deepEqual(await states(), ["saved", "saved"]);
  mock.timers.enable({ apis: ["Date"], now: Date.now() + 121_000 });
  assert.equal(await syncOnce(), "done");
  mock.timers.reset();
});

test("a batch that is too large is halved until it fits", async () => {
  const city = startCity();
  for (let n = 0; n < 5; n++) await stars();
  const large = (/** @type {string} */ _path, /** @type {any} */ init) =>
    JSON.parse(new TextDecoder().decode(init.body)).events.length > 2
      ? new Response("{}", { status: 413, headers: { "Sync-Proto": "1" } })
      : undefined;
  for (let n = 0; n < 9; n++) city.instead.push(large);
  for (let n = 0; n < 3; n++) await syncOnce();
  assert.deepEqual(new Set(await states()), new Set(["accepted"]));
});

test("an event that the server chokes on is found and set aside; the others arrive", async () => {
  const city = startCity();
  for (let n = 0; n < 3; n++) await stars();
  const poison = await stars(1);
  await stars();
  const choke = (/** @type {string} */ _path, /** @type {any} */ init) =>
    new TextDecoder().decode(init.body).includes(poison.s)
      ? new Response("{}", { status: 500, headers: { "Sync-Proto": "1" } })
      : undefined;
  for (let n = 0; n < 60; n++) city.instead.push(choke);
  for (let n = 0; n < 30; n++) await syncOnce();
  const items = await outbox();
  assert.equal(items.find((item) => item.id === poison.id)?.state, "aside");
  assert.deepEqual(
    new Set(items.filter((item) => item.id !== poison.id).map((item) => item.state)),
    new Set(["accepted"]),
  );
  city.instead = [];
  await sendNow();
  assert.deepEqual(new Set(await states()), new Set(["accepted"]));
});

test("a server restored from a backup gets back what it forgot", async () => {
  const city = startCity();
  await stars();
  await syncOnce();
  city.events.clear();
  city.verdicts.clear();
  city.epoch = "e2";
  await syncOnce();
  assert.equal(city.events.size, 2);
  assert.deepEqual(await states(), ["accepted", "accepted"]);
  assert.equal((await device())?.epoch, "e2");
});

test("what a restored server has forgotten is not called sent until it has it again", async () => {
  const city = startCity();
  const item = await stars();
  await syncOnce();
  assert.equal(await waitingCount(), 0);
  await changeItems([item.id], (one) => ({ ...one, replay: true }));
  assert.equal(await waitingCount(), 1);
  await syncOnce();
  assert.equal(await waitingCount(), 0);
  assert.deepEqual(city.batches.at(-1)?.events, [{ p: item.p, s: item.s }]);
});

test("a server whose old database was put back without a word gets back what it forgot", async () => {
  const city = startCity();
  const first = await stars();
  city.say(`checkin:${first.id}`, { at: "once" });
  await syncOnce();
  await stars();
  city.say("checkin:later", { at: "once" });
  await syncOnce();
  const [, , lost] = city.events.keys();
  city.events.delete(lost);
  city.verdicts.delete(lost);
  city.rows.pop(); // the same epoch, and a head before the phone's cursor
  await syncOnce();
  assert.equal(city.events.size, 3);
  assert.deepEqual(await states(), ["accepted", "accepted", "accepted"]);
  assert.deepEqual(
    (await feed()).map(({ key }) => key),
    [`checkin:${first.id}`],
  );
  const before = city.batches.length;
  await syncOnce();
  assert.deepEqual(city.batches.slice(before).map(({ events }) => events.length), [0]);
});

test("what was put off is tried again when the clock was set back", async () => {
  const city = startCity();
  await stars();
  const later = { state: "later", why: "fault", retry_s: 3600 };
  city.judge = ({ type }) => (type === "device.hello" ? { state: "ok" } : later);
  mock.timers.enable({ apis: ["Date"], now: Date.now() });
  try {
    await syncOnce();
    city.judge = () => ({ state: "ok" });
    mock.timers.setTime(Date.now() + 60_000);
    await syncOnce();
    assert.deepEqual(await states(), ["accepted", "saved"]);
    mock.timers.setTime(Date.now() - 2 * 24 * 3600_000);
    await syncOnce();
    assert.deepEqual(await states(), ["accepted", "accepted"]);
  } finally {
    mock.timers.reset();
  }
});

test("who comes back long after a restore still gives back what they did in the 30 days before they left", async () => {
  const city = startCity();
  await stars();
  await syncOnce();
  const [hello, old] = (await outbox()).toSorted((a, b) => a.seq - b.seq);
  const recent = await stars();
  await syncOnce();
  // Recorded and heard of 100 days ago; one was decided 31 days before that, and one had waited to be sent for long.
  const left = Date.now() - 100 * DAY;
  const database = await db();
  await database.put("settings", { name: ownKey("synced_at", old.learner), value: left });
  for (const [item, decided_at, at] of /** @type {[OutboxItem, number, number][]} */ ([
    [hello, left - 90 * DAY, left - 90 * DAY],
    [old, left - 31 * DAY, left - 31 * DAY],
    [recent, left - 29 * DAY, left - 50 * DAY],
  ]))
    await database.put("outbox", { .../** @type {OutboxItem} */ (await outboxItem(item.id)), decided_at, at });
  city.events.clear();
  city.verdicts.clear();
  city.epoch = "e2";
  await syncOnce();
  assert.deepEqual([hello, old, recent].map(({ id }) => city.events.has(id)), [true, false, true]);
});

test("what a restored server no longer says is not shown, also when it first knew nobody", async () => {
  const city = startCity();
  await stars();
  city.say("award:1", { name: "of the old history" });
  await syncOnce();
  assert.equal((await awards()).length, 1);
  city.rows.length = 0;
  city.epoch = "e2";
  city.instead.push(() => {
    const reply = { epoch: "e2", now: 1, results: [], feeds: {}, missing: [], want_blobs: [] };
    return new Response(JSON.stringify(reply), { headers: { "Sync-Proto": "1" } });
  });
  await syncOnce();
  assert.equal((await device())?.epoch, "e2");
  await syncOnce();
  assert.deepEqual(await awards(), []);
});

test("who was away for so long that the verdict was forgotten asks what became of what was on hold", async () => {
  const city = startCity();
  city.judge = (event) => (event.type === "feedback.give" ? { state: "hold", why: "review" } : { state: "ok" });
  const held = await stars();
  await syncOnce();
  assert.equal((await outboxItem(held.id))?.state, "received");
  city.verdicts.set(held.id, { id: held.id, state: "rejected", why: "not_good" });
  const part = { rows: [], next: 9, more: false, reset: true };
  city.instead.push(() => {
    const feeds = { [`learner:${held.learner}`]: part };
    const reply = { epoch: "e1", now: 1, results: [], feeds, missing: [], want_blobs: [] };
    return new Response(JSON.stringify(reply), { headers: { "Sync-Proto": "1" } });
  });
  await syncOnce();
  const item = await outboxItem(held.id);
  assert.deepEqual([item?.state, item?.why, item?.replay], ["declined", "not_good", false]);
});

test("a server that no longer knows this device hears its hello again, before the rest", async () => {
  const city = startCity();
  await stars();
  await syncOnce();
  city.events.clear();
  city.verdicts.clear();
  await stars();
  city.instead.push(() => {
    const body = JSON.stringify({ status: 401, code: "unknown_device" });
    return new Response(body, { status: 401, headers: { "Sync-Proto": "1" } });
  });
  assert.equal(await syncOnce(), "done");
  assert.deepEqual(
    [...city.events.values()].map((event) => event.seq),
    [1, 3],
  );
});

test("a hole in the chain is filled from the phone, or declared lost", async () => {
  const city = startCity();
  const kept = await stars();
  const lost = await stars();
  await syncOnce();
  await (await db()).delete("outbox", lost.id);
  city.events.delete(kept.id);
  city.verdicts.delete(kept.id);
  city.missing = [{ device: kept.device, seq: [kept.seq, lost.seq] }];
  await syncOnce();
  assert.ok(city.events.has(kept.id));
  const declared = [...city.events.values()].filter((event) => event.type === "event.lost");
  assert.deepEqual(
    declared.map((event) => event.body),
    [{ device: kept.device, seq: [lost.seq, lost.seq] }],
  );
});

test("evidence is uploaded when the server asks for it: small whole, large in pieces", async () => {
  const city = startCity();
  const small = { bytes: new Uint8Array([1, 2, 3]).buffer, mime: "image/jpeg" };
  const large = { bytes: new Uint8Array((1 << 20) + 5).fill(7).buffer, mime: "image/jpeg" };
  const item = await recordEvent("evidence.submit", { task: newId() }, { blobs: [small, large] });
  const hashes = item.blobs.map((blob) => blob.sha256);
  // Half a piece is there from an earlier try.
  city.blobs.set(hashes[1], new Uint8Array(1000).fill(7));
  city.wanted = [...hashes];
  await syncOnce();
  assert.deepEqual(city.blobs.get(hashes[0]), new Uint8Array(small.bytes));
  assert.equal(city.blobs.get(hashes[1])?.length, large.bytes.byteLength);
});

test("a thing whose file has not arrived is not called sent", async () => {
  const city = startCity();
  city.judge = (event) =>
    event.type === "evidence.submit" ? { state: "hold", why: "blob_missing" } : { state: "ok" };
  await recordEvent("evidence.submit", { task: newId(), activity: newId(), text: null, blob: null });
  await syncOnce();
  assert.equal(await waitingCount(), 1);
});

test("two cycles at once are one", async () => {
  const city = startCity();
  await stars();
  const outcomes = await Promise.all([syncOnce(), syncOnce()]);
  assert.deepEqual(outcomes.sort(), ["busy", "done"]);
  assert.equal(city.batches.length, 1);
});

test("a batch holds at most 50 events and 250 kB, but always one", () => {
  const item = (/** @type {number} */ size) => /** @type {OutboxItem} */ ({ p: "x".repeat(size), s: "" });
  assert.equal(pick(Array.from({ length: 80 }, () => item(10))).length, 50);
  assert.equal(pick(Array.from({ length: 30 }, () => item(20_000))).length, 12);
  assert.equal(pick([item(900_000), item(10)]).length, 1);
});

test("gaps are what lies between", () => {
  assert.deepEqual(gaps(3, 9, [4, 7, 8]), [
    [3, 3],
    [5, 6],
    [9, 9],
  ]);
  assert.deepEqual(gaps(1, 2, [2, 1]), []);
});

test("what was put off until a moment that a clock set back has moved years away is sent now", async () => {
  const city = startCity();
  const { id } = await stars();
  for (const [now, state] of /** @type {[any, OutboxState][]} */ ([[{ state: "later", retry_s: 60 }, "saved"], [{ state: "ok" }, "accepted"]])) {
    city.judge = (event) => (event.id === id ? now : { state: "ok" });
    await syncOnce();
    const item = /** @type {OutboxItem} */ (await (await db()).get("outbox", id));
    assert.equal(item.state, state);
    await (await db()).put("outbox", { ...item, aside_until: Date.now() + 365 * 24 * 3600_000 });
  }
});

test("however long a server puts a thing off, it is tried again the same day", async () => {
  const city = startCity();
  const { id } = await stars();
  city.judge = (event) => (event.id === id ? { state: "later", retry_s: 10 ** 9 } : { state: "ok" });
  await syncOnce();
  const { aside_until } = /** @type {OutboxItem} */ (await (await db()).get("outbox", id));
  assert.ok(Number(aside_until) <= Date.now() + 6 * 3600_000);
  assert.equal(city.batches.flatMap(({ events }) => events).length, 2);
});

test("a file is forgotten with the last thing it was handed in for, and a phone does not fill up", async () => {
  const city = startCity();
  const file = (/** @type {number} */ fill) => ({ bytes: new Uint8Array(9).fill(fill).buffer, mime: "image/jpeg" });
  const give = (/** @type {number[]} */ ...files) => recordEvent("evidence.submit", { task: newId() }, { blobs: files.map(file) });
  const old = await give(1, 2);
  city.wanted = old.blobs.map(({ sha256 }) => sha256);
  await syncOnce();
  const fresh = await give(2);
  const later = Date.now() + 31 * 24 * 3600_000;
  await forgetOld(old.learner, later);
  assert.deepEqual(await (await db()).getAllKeys("blobs"), [[old.learner, fresh.blobs[0].sha256]]);
  const sending = (await (await db()).getAllKeys("settings")).filter((name) => name.startsWith("sending "));
  assert.deepEqual(sending, [`sending ${fresh.blobs[0].sha256}@${old.learner}`]);
});

test("what the server only puts off is not taken for what it chokes on", async () => {
  const city = startCity();
  const { id } = await stars();
  const read = async () => /** @type {OutboxItem} */ (await (await db()).get("outbox", id));
  city.judge = (event) => (event.id === id ? { state: "later", retry_s: 60 } : { state: "ok" });
  for (let n = 0; n < 4; n++) {
    await syncOnce();
    await (await db()).put("outbox", { ...(await read()), aside_until: null });
  }
  city.instead.push(() => new Response("{}", { status: 500, headers: { "Sync-Proto": "1" } }));
  assert.equal(await syncOnce(), "failed");
  assert.equal((await read()).state, "saved");
});
