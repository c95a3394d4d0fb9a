/** A phone that cannot get online gives its work to another one, which carries it and can change nothing of it. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { addPerson, endTurn, switchTo } from "../../pwa/app/actions/people.js";
import { exportRescue } from "../../pwa/app/actions/rescue.js";
import { importRescue, NotTaken } from "../../pwa/app/actions/take-rescue.js";
import { readAll } from "../../pwa/app/repair/read.js";
import { rescueFile as repairFile } from "../../pwa/app/repair/rescue-file.js";
import { whatWaits } from "../../pwa/app/repair/waiting.js";
import { carried } from "../../pwa/app/store/carried.js";
import { db } from "../../pwa/app/store/db.js";
import { atWork, device, learnerId } from "../../pwa/app/store/device.js";
import { cursors, feed } from "../../pwa/app/store/feed.js";
import { newId } from "../../pwa/app/store/ids.js";
import { outbox } from "../../pwa/app/store/outbox.js";
import { changeCarried } from "../../pwa/app/store/relay.js";
import { putSetting } from "../../pwa/app/store/settings.js";
import { syncOnce } from "../../pwa/app/sync/client.js";
import { introduceAs, recordEvent } from "../../pwa/app/sync/events.js";
import { relayOnce } from "../../pwa/app/sync/relay.js";
import { requestSync } from "../../pwa/app/sync/triggers.js";
import { freshPhone, otherPhone, pickUp } from "./browser.js";
import { noNetwork, open, startCity } from "./city.js";

/** @type {any} */ (globalThis).location = { origin: "https://city.example", pathname: "/" };

const stars = () => recordEvent("feedback.give", { activity: newId(), stars: 5 });
const photo = (/** @type {number} */ size, fill = 7) => ({ bytes: new Uint8Array(size).fill(fill).buffer, mime: "image/jpeg" });
const handIn = (/** @type {{bytes: ArrayBuffer, mime: string}[]} */ ...blobs) =>
  recordEvent("evidence.submit", { task: newId(), activity: newId(), text: null, blob: null }, { blobs });

/** @returns {Promise<File>} */
async function rescueFile() {
  const made = await exportRescue();
  assert.ok(made);
  return made.file;
}

/** @param {(content: any) => void} change */
async function changedFile(change) {
  const content = JSON.parse(await (await rescueFile()).text());
  change(content);
  return new Blob([JSON.stringify(content)]);
}

/** As the server: an event waits for its files. @param {ReturnType<typeof startCity>} city */
const waitForFiles = (city) => {
  city.judge = (/** @type {any} */ event) =>
    event.blobs.some((/** @type {BlobRef} */ blob) => city.blobs.get(blob.sha256)?.length !== blob.size)
      ? { state: "hold", why: "blob_missing" }
      : { state: "ok" };
};

beforeEach(async () => {
  await freshPhone();
  noNetwork();
});

test("nothing to rescue makes no file", async () => {
  assert.equal(await exportRescue(), null);
  const city = startCity();
  await stars();
  await requestSync();
  assert.equal(city.events.size, 2);
  assert.equal(await exportRescue(), null);
});

test("a rescue file reads as the protocol says: hello first, files with signatures, no secret", async () => {
  await stars();
  const item = await handIn(photo(1000), photo((1 << 20) + 5, 9));
  const made = await exportRescue(Date.UTC(2026, 10, 3, 12));
  assert.ok(made);
  assert.deepEqual([made.file.name, made.file.type], ["streetwise-rescue-2026-11-03.json", "application/json"]);
  assert.deepEqual([made.things, made.people], [2, 1]);
  const { streetwise, v, origin, devices } = JSON.parse(await made.file.text());
  assert.deepEqual([streetwise, v, origin, devices.length], ["rescue", 1, "https://city.example", 1]);
  assert.deepEqual([devices[0].device, devices[0].learner], [item.device, item.learner]);
  assert.deepEqual(
    devices[0].events.map((/** @type {any} */ { p }) => open(p).type),
    ["device.hello", "feedback.give", "evidence.submit"],
  );
  assert.deepEqual(
    devices[0].blobs.map((/** @type {any} */ blob) => Object.keys(blob.signatures)),
    [["PUT 0"], ["HEAD 0", "PATCH 0", "PATCH 524288", "PATCH 1048576", "PATCH 1048581"]],
  );
  assert.equal(JSON.stringify(devices).includes("privateKey"), false);
});

test("a phone that nobody has used carries another's work with its photos, and both phones end up right", async () => {
  const item = await handIn(photo(1000), photo((1 << 20) + 5, 9));
  const alice = /** @type {string} */ (await learnerId());
  const [hers, file] = [globalThis.indexedDB, await rescueFile()];
  await otherPhone();
  const city = startCity();
  waitForFiles(city);
  const taken = await importRescue(file);
  assert.deepEqual([taken.things, taken.people, taken.known, taken.damaged], [1, 1, 0, 0]);
  assert.deepEqual([taken.from, taken.to], [item.at, item.at]);
  await requestSync();
  assert.deepEqual(
    (await carried()).map((one) => [one.type, one.state]),
    [
      ["device.hello", "delivered"],
      ["evidence.submit", "delivered"],
    ],
  );
  assert.equal(city.events.get(item.id).learner, alice);
  for (const blob of item.blobs) assert.equal(city.blobs.get(blob.sha256)?.length, blob.size);
  assert.equal(await (await db()).count("relay_blobs"), 0);
  const carrier = /** @type {string} */ (await learnerId());
  assert.notEqual(carrier, alice);
  assert.deepEqual(
    [...city.events.values()].filter((event) => event.learner === carrier).map((event) => event.type),
    ["device.hello"],
  );
  // Later her own phone gets online after all.
  await pickUp(hers);
  city.say(`verdict:${item.id}`, { event: item.id, state: "ok", why: "", effect: {} });
  await requestSync();
  assert.deepEqual(
    (await outbox()).map((one) => one.state),
    ["accepted", "accepted"],
  );
  assert.equal(city.events.size, 3);
});

test("what all people of a shared tablet did is in the file, and is sent after the carrier's own work", async () => {
  await stars();
  await putSetting("learner", null);
  await stars();
  await handIn(photo(10), photo(10, 8));
  const file = await rescueFile();
  await otherPhone();
  await stars();
  const mine = await learnerId();
  const city = startCity();
  const taken = await importRescue(file);
  assert.deepEqual([taken.things, taken.people], [3, 2]);
  await requestSync();
  const learners = [...city.events.values()].map((event) => event.learner);
  assert.deepEqual([learners[0], learners[1]], [mine, mine]);
  assert.equal(city.events.size, 7);
  for (const batch of city.batches.filter((one) => one.events.length)) {
    const own = batch.events.filter((/** @type {any} */ { p }) => open(p).learner === mine).length;
    assert.ok(own === 0 || own === batch.events.length, "others' events travel in batches of their own");
  }
});

test("the same file twice, and a phone's own file, bring nothing new", async () => {
  await stars();
  const file = await rescueFile();
  assert.deepEqual((({ things, known }) => [things, known])(await importRescue(file)), [0, 1]);
  await otherPhone();
  await importRescue(file);
  assert.deepEqual((({ things, known }) => [things, known])(await importRescue(file)), [0, 1]);
  assert.equal((await carried()).length, 2);
});

test("what is no rescue file, or not for here, is refused with the reason and changes nothing", async () => {
  await handIn(photo(100));
  const files = {
    form: [new Blob(["<html>"]), new Blob(["[]"]), new Blob(['{"streetwise":"rescue","v":1}'])],
    newer: [await changedFile((content) => (content.v = 2))],
    elsewhere: [await changedFile((content) => (content.origin = "https://other.example"))],
  };
  await otherPhone();
  for (const [why, bad] of Object.entries(files))
    for (const file of bad)
      await assert.rejects(importRescue(file), (error) => error instanceof NotTaken && error.why === why);
  assert.deepEqual(await carried(), []);
});

test("what is damaged is left out and counted; the rest is taken", async () => {
  await stars();
  const item = await handIn(photo(100));
  const file = await changedFile(({ devices: [one] }) => {
    one.events[1].p = one.events[1].p.slice(3);
    one.events.push({ p: "x" }, null, { p: one.events[2].p, s: "short" });
    one.blobs[0].bytes = `AAAA${one.blobs[0].bytes.slice(4)}`;
    one.blobs.push(null, { sha256: "../../x", bytes: 1 });
  });
  await otherPhone();
  const taken = await importRescue(file);
  assert.deepEqual([taken.things, taken.damaged], [1, 4]);
  assert.deepEqual(
    (await carried()).map((one) => one.id).slice(1),
    [item.id],
  );
  assert.equal(await (await db()).count("relay_blobs"), 0);
});

test("what was refused stays in sight with its reason; what the server chokes on is set aside alone", async () => {
  for (let n = 0; n < 3; n++) await stars();
  const [poison, refused] = [await stars(), await stars()];
  const file = await rescueFile();
  await otherPhone();
  const city = startCity();
  city.judge = (event) =>
    event.id === refused.id ? { state: "rejected", why: "unknown_activity" } : { state: "ok" };
  const choke = (/** @type {string} */ _path, /** @type {any} */ init) =>
    new TextDecoder().decode(init.body).includes(poison.s)
      ? new Response("{}", { status: 500, headers: { "Sync-Proto": "1" } })
      : undefined;
  for (let n = 0; n < 90; n++) city.instead.push(choke);
  await importRescue(file);
  for (let n = 0; n < 40; n++) await requestSync();
  const items = new Map((await carried()).map((one) => [one.id, one]));
  assert.deepEqual([items.get(refused.id)?.state, items.get(refused.id)?.why], ["refused", "unknown_activity"]);
  assert.equal(items.get(poison.id)?.state, "carried");
  assert.ok(Number(items.get(poison.id)?.aside_until) > Date.now() + 3_600_000);
  assert.equal([...items.values()].filter((one) => one.state === "delivered").length, 4);
});

test("a break while carrying loses nothing and doubles nothing", async () => {
  const item = await handIn(photo((1 << 20) + 5));
  const file = await rescueFile();
  await otherPhone();
  const city = startCity();
  waitForFiles(city);
  city.loseReply = true;
  await importRescue(file);
  await requestSync();
  let pieces = 0;
  city.loseReply = false;
  city.beforeReply = async (path) => {
    if (path.startsWith("/api/blobs/") && ++pieces === 2) throw new TypeError("network gone");
  };
  await requestSync();
  city.beforeReply = null;
  assert.equal((await carried()).at(-1)?.state, "carried");
  await requestSync();
  assert.equal(city.blobs.get(item.blobs[0].sha256)?.length, item.blobs[0].size);
  assert.equal((await carried()).at(-1)?.state, "delivered");
  assert.equal([...city.events.values()].filter((event) => event.id === item.id).length, 1);
});

test("what was carried to a server that then was restored from a backup is carried again", async () => {
  const item = await stars();
  const file = await rescueFile();
  await otherPhone();
  const city = startCity();
  await importRescue(file);
  await requestSync();
  await requestSync();
  city.events.clear();
  city.verdicts.clear();
  city.epoch = "e2";
  await requestSync();
  assert.ok(city.events.has(item.id));
});

test("a carried batch that meets a restored server leaves our own place in the feed to our own cycle", async () => {
  const item = await stars();
  const file = await rescueFile();
  await otherPhone();
  const city = startCity();
  await stars();
  for (let n = 0; n < 3; n++) city.say(`checkin:${n}`, { n });
  await requestSync();
  const reached = globalThis.fetch;
  noNetwork();
  await importRescue(file);
  await requestSync();
  globalThis.fetch = reached;
  city.epoch = "e2"; // of a shorter history
  city.rows.length = 0;
  city.say("checkin:new", { n: 9 });
  await relayOnce();
  const { epoch, cursors: asked, events } = city.batches.at(-1);
  assert.deepEqual([epoch, asked, open(events.at(-1).p).id], ["e1", {}, item.id]);
  const learner = (await learnerId()) ?? "";
  assert.deepEqual([(await device())?.epoch, await cursors(learner)], ["e1", { [`learner:${learner}`]: 3 }]);
  await syncOnce();
  assert.equal((await device())?.epoch, "e2");
  assert.deepEqual(
    (await feed()).map(({ key }) => key),
    ["checkin:new"],
  );
});

test("a phone that carries and cannot get online either gives on what it carries", async () => {
  const item = await handIn(photo(100));
  const file = await rescueFile();
  await otherPhone();
  noNetwork();
  await importRescue(file);
  const second = await rescueFile();
  await otherPhone();
  const city = startCity();
  waitForFiles(city);
  await importRescue(second);
  await requestSync();
  assert.ok(city.events.has(item.id));
  assert.equal(city.blobs.size, 1);
});

test("what the server cannot take yet, and what lacks its file, is carried on until it can", async () => {
  const [item, later] = [await handIn(photo(100)), await stars()];
  const file = await rescueFile();
  await otherPhone();
  const city = startCity();
  waitForFiles(city);
  const judge = city.judge;
  city.judge = (event) => (event.id === later.id ? { state: "later", why: "fault", retry_s: 60 } : judge(event));
  const noFiles = (/** @type {string} */ path) =>
    path.startsWith("/api/blobs/") ? new Response("{}", { status: 401, headers: { "Sync-Proto": "1" } }) : undefined;
  for (let n = 0; n < 9; n++) city.instead.push(noFiles);
  await importRescue(file);
  await requestSync();
  const now = new Map((await carried()).map((one) => [one.id, one]));
  assert.deepEqual([now.get(item.id)?.state, now.get(item.id)?.why], ["carried", "blob_missing"]);
  assert.deepEqual([now.get(later.id)?.state, now.get(later.id)?.why], ["carried", "fault"]);
  for (const id of [item.id, later.id]) assert.ok(Number(now.get(id)?.aside_until) > Date.now());
  assert.equal(await (await db()).count("relay_blobs"), 1);
});

test("a shared tablet that carries puts nobody at work by it", async () => {
  const item = await stars();
  const file = await rescueFile();
  await otherPhone();
  const ada = await addPerson({ name: "Ada", picture: "fox" });
  await endTurn();
  const before = await atWork();
  const city = startCity();
  await importRescue(file);
  await requestSync();
  assert.ok(city.events.has(item.id));
  assert.deepEqual(await atWork(), before);
  assert.deepEqual(await (await db()).getAllKeys("device"), [ada]);
});
test("a carried file that is there whole and unfinished is finished by an empty piece", async () => {
  const item = await handIn(photo((1 << 20) + 5, 9));
  const file = await rescueFile();
  await otherPhone();
  const city = startCity();
  const [blob] = item.blobs;
  city.blobs.set(blob.sha256, new Uint8Array(blob.size).fill(9));
  let finished = 0;
  city.judge = ({ type }) => (type === "evidence.submit" && !finished ? { state: "hold", why: "blob_missing" } : { state: "ok" });
  const before = globalThis.fetch;
  globalThis.fetch = /** @type {any} */ ((/** @type {string} */ path, /** @type {any} */ init) => {
    if (init.method === "PATCH" && init.body.byteLength === 0) finished = Number(init.headers["Upload-Offset"]);
    return before(path, init);
  });
  await importRescue(file);
  await requestSync();
  assert.equal(finished, blob.size);
  assert.deepEqual((await carried()).map(({ state }) => state), ["delivered", "delivered"]);
});

test("a carried file that was damaged on its way is brought once more", async () => {
  const item = await handIn(photo(10, 1));
  const file = await rescueFile();
  await otherPhone();
  const city = startCity();
  city.judge = ({ type }) => (type === "evidence.submit" ? { state: "hold", why: "blob_missing" } : { state: "ok" });
  const before = globalThis.fetch;
  let damaged = 0;
  globalThis.fetch = /** @type {any} */ ((/** @type {string} */ path, /** @type {any} */ init) => {
    if (init.method !== "PUT" || damaged++) return before(path, init);
    const headers = { "Sync-Proto": "1", "Content-Type": "application/problem+json" };
    return Promise.resolve(new Response(JSON.stringify({ code: "hash_mismatch" }), { status: 422, headers }));
  });
  await importRescue(file);
  await requestSync();
  const [waiting] = (await carried()).filter(({ state }) => state === "carried");
  assert.equal(waiting?.id, item.id);
  await changeCarried([item.id], (one) => ({ ...one, aside_until: null }));
  await requestSync();
  assert.equal(city.blobs.get(item.blobs[0].sha256)?.length, 10);
  assert.deepEqual((await carried()).map(({ state }) => state), ["delivered", "delivered"]);
});

test("the repair page takes out the same as the app: everybody's work, files, and what is carried", async () => {
  await handIn(photo((1 << 20) + 5, 9));
  const theirs = await rescueFile();
  await otherPhone();
  await stars();
  await handIn(photo(10, 1), photo((1 << 20) + 5, 2));
  await addPerson({ name: "Ada", picture: "owl" });
  await switchTo(await addPerson({ name: "Bo", picture: "fox" }));
  await stars();
  const learner = newId();
  await introduceAs(learner, { invite: "s".repeat(43) }); // has done nothing yet
  await importRescue(theirs);
  const app = JSON.parse(await (await rescueFile()).text());
  const { file, signed } = await repairFile(whatWaits((await readAll()).rows));
  assert.ok(signed);
  const repair = JSON.parse(await file.text());
  assert.deepEqual(comparable(repair), comparable(app));
  assert.deepEqual(app.devices.map((/** @type {any} */ { events, blobs }) => [events.length, blobs.length]).sort(), [[2, 0], [2, 1], [3, 2]]);
});

/** Without what differs each time: the moment, and signatures made anew. @param {any} rescue */
function comparable({ made_at, devices, ...rest }) {
  const parts = devices.map((/** @type {any} */ { blobs, ...part }) => ({
    ...part,
    blobs: blobs.map((/** @type {any} */ { signatures, ...blob }) => ({ ...blob, calls: Object.keys(signatures) })),
  }));
  return { ...rest, at: typeof made_at, devices: parts.sort((/** @type {any} */ a, /** @type {any} */ b) => (a.device < b.device ? -1 : 1)) };
}
