/** A door on a phone: opened once with a network, worked with without, and all that is done there is its opener's. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { openDB } from "idb";
import { doneAt, followDoors, letIn, lookAtDoor, openDoor, openings, shutBy, takeBack } from "../../pwa/app/actions/door.js";
import { helperLinks, makeHelperLink, revokeLink } from "../../pwa/app/actions/door-helpers.js";
import { switchTo } from "../../pwa/app/actions/people.js";
import { readDoorLink } from "../../pwa/app/actions/door-links.js";
import { device, learnerId } from "../../pwa/app/store/device.js";
import { db } from "../../pwa/app/store/db.js";
import { door, doors } from "../../pwa/app/store/doors.js";
import { newId } from "../../pwa/app/store/ids.js";
import { itemsOf, waitingCount } from "../../pwa/app/store/outbox.js";
import { putPerson, removePerson } from "../../pwa/app/store/people.js";
import { fromBase64url, utf8 } from "../../pwa/app/sync/bytes.js";
import { online } from "../../pwa/app/sync/status.js";
import { requestSync } from "../../pwa/app/sync/triggers.js";
import { freshPhone } from "./browser.js";
import { digest, noNetwork, open, startCity } from "./city.js";

const OCCURRENCE = newId();
const LINK = `${newId()}.${"s".repeat(43)}`;
const HOUR = 3600_000;

globalThis.location = /** @type {any} */ ({ origin: "https://city.test", host: "city.test", href: "https://city.test/en/door" });
globalThis.HTMLLinkElement ??= /** @type {any} */ (class {});

beforeEach(async () => {
  await freshPhone();
  noNetwork();
});

/** A city with a session; `said` is what its door hears, `ahead` how far its clock is. */
function cityWithDoor(said = {}, ahead = 0) {
  const city = startCity();
  const state = {
    city,
    /** @type {any} */ said: { role: "organiser", point: "7QAB3CDE", hint: "7Q", window: [0, 1], days: [], entries: [], expected: [], links: [], ...said },
    /** @type {any[]} */ asked: [],
    /** @type {(() => Response) | null} */ instead: null,
  };
  city.judge = ({ type }) => ({ state: "ok", effect: type === "door.open" ? { occurrence: OCCURRENCE } : type === "door.link" ? { link: newId(), ends: Date.now() + HOUR } : {} });
  const inner = globalThis.fetch;
  globalThis.fetch = /** @type {any} */ (
    async (/** @type {string} */ path, /** @type {any} */ init) => {
      if (!path.startsWith("/api/door/")) return inner(path, init);
      state.asked.push({ path, init });
      if (state.instead) return state.instead();
      const now = Date.now() + ahead;
      const occurrence = { id: OCCURRENCE, title: "Walk", starts: now, ends: now + HOUR, capacity: 20, ...state.said.occurrence };
      return new Response(JSON.stringify({ now, until: now + 2 * HOUR, ...state.said, occurrence }), { headers: { "Sync-Proto": "1", ETag: '"1"' } });
    }
  );
  return state;
}

/** @param {number} status @param {any} [body] */
const answer = (status, body) => new Response(body && JSON.stringify(body), { status, headers: { "Sync-Proto": "1" } });

async function openedDoor(said = {}, ahead = 0) {
  const state = cityWithDoor(said, ahead);
  await openDoor(LINK);
  await followDoors();
  return { ...state, state, door: /** @type {Door} */ (await door(OCCURRENCE)) };
}

test("a phone of the version before keeps all that it holds and gains a place for doors", async () => {
  const old = await openDB("streetwise", 2, {
    upgrade(database) {
      database.createObjectStore("device", { keyPath: "learner" });
      database.createObjectStore("outbox", { keyPath: "id" }).createIndex("learner", "learner");
      database.createObjectStore("settings", { keyPath: "name" });
      database.createObjectStore("relay", { keyPath: "id" });
      database.createObjectStore("drafts", { keyPath: ["learner", "task"] });
    },
  });
  await old.put("outbox", { id: "1", learner: "ada" });
  await old.put("drafts", { learner: "ada", task: "t", value: "half" });
  old.close();
  assert.deepEqual((await itemsOf("ada")).map(({ id }) => id), ["1"]);
  assert.equal((await (await db()).get("drafts", ["ada", "t"]))?.value, "half");
  assert.deepEqual(await doors(), []);
});

test("a link opened with no network is kept in its event and opens when there is one", async () => {
  await openDoor(LINK);
  await openDoor(LINK); // the page was opened again
  assert.equal(await waitingCount(), 0, "it is no work of a learner's");
  await followDoors();
  assert.deepEqual((await openings()).map(({ body, state }) => [body.link, state]), [[LINK, "saved"]]);
  assert.equal(await door(OCCURRENCE), undefined);
  const { city } = cityWithDoor();
  await followDoors();
  assert.equal((await door(OCCURRENCE))?.reply.occurrence.title, "Walk");
  assert.deepEqual(await openings(), []);
  assert.deepEqual([...city.events.values()].map(({ type }) => type), ["device.hello", "door.open"]);
});

test("a link that the server refuses says so and asks for no door", async () => {
  const { city, asked } = cityWithDoor();
  city.judge = ({ type }) => (type === "door.open" ? { state: "rejected", why: "door_closed" } : { state: "ok" });
  await openDoor(LINK);
  await followDoors();
  assert.deepEqual((await openings()).map(({ state, why }) => [state, why]), [["declined", "door_closed"]]);
  assert.deepEqual(asked, []);
});

test("the door is asked for by the device that opened it, with its signature over the path alone", async () => {
  const { asked, door: row } = await openedDoor();
  const own = await device(row.learner);
  const [{ path, init }] = asked;
  assert.equal(path, `/api/door/${OCCURRENCE}?lang=en`);
  assert.equal(init.headers["Sync-Device"], own?.device);
  const kind = { name: "ECDSA", hash: "SHA-256" };
  const said = utf8(`GET /api/door/${OCCURRENCE} 0`);
  assert.ok(await crypto.subtle.verify(kind, /** @type {any} */ (own).keys.publicKey, fromBase64url(init.headers["Sync-Signature"]), said));
});

test("how far this phone's clock is off is learnt, and what has not changed is not sent again", async () => {
  const { state, asked, door: row } = await openedDoor({}, -180_000);
  assert.ok(Math.abs(row.offset + 180_000) < 2000);
  state.instead = () => answer(304);
  await followDoors();
  assert.equal(asked.at(-1).init.headers["If-None-Match"], '"1"');
  const after = /** @type {Door} */ (await door(OCCURRENCE));
  assert.deepEqual([after.reply, after.offset, online.value], [row.reply, row.offset, true]);
});

test("a door that was withdrawn closes and keeps what it knew; without a network it stays open", async () => {
  await openedDoor();
  noNetwork();
  await followDoors();
  assert.equal(shutBy(/** @type {Door} */ (await door(OCCURRENCE))), null);
  globalThis.fetch = /** @type {any} */ (async () => answer(403, { code: "door_closed" }));
  await followDoors();
  const row = /** @type {Door} */ (await door(OCCURRENCE));
  assert.equal(shutBy(row), "over");
  assert.equal(row.reply.occurrence.title, "Walk");
});

test("a door of a suspended organiser lets nobody in, and opens by itself when it is brought back", async () => {
  const { state } = await openedDoor();
  state.instead = () => answer(403, { code: "door_suspended" });
  await followDoors();
  assert.equal(shutBy(/** @type {Door} */ (await door(OCCURRENCE))), "suspended");
  state.instead = () => answer(304);
  await followDoors();
  assert.equal(shutBy(/** @type {Door} */ (await door(OCCURRENCE))), null);
});

test("a door closes by itself when its link ends, by the server's clock", async () => {
  const { door: row } = await openedDoor();
  assert.equal(shutBy(row, row.reply.until), null);
  assert.equal(shutBy(row, row.reply.until + 1), "over");
});

test("a door opens two hours before its session, and not at all when that is cancelled", async () => {
  const { door: row } = await openedDoor();
  const { starts } = row.reply.occurrence;
  assert.equal(shutBy(row, starts - 2 * HOUR - 1), "early");
  assert.equal(shutBy(row, starts - 2 * HOUR), null);
  row.reply.occurrence.cancelled = true;
  assert.equal(shutBy(row, starts), "cancelled");
});

test("who lets people in is the one who opened the door, whoever is at work by then", async () => {
  const { door: row } = await openedDoor();
  noNetwork();
  const other = await putPerson({ name: "Ben", picture: "fox" }, newId());
  await switchTo(other);
  const item = await letIn(row, { guest: "Mo" }, "over");
  assert.equal(await learnerId(), other);
  assert.equal(item.learner, row.learner);
  const said = open(item.p);
  assert.deepEqual([said.body, said.needs], [{ occurrence: OCCURRENCE, guest: "Mo" }, [row.opened]]);
  const seen = await lookAtDoor(OCCURRENCE);
  assert.deepEqual([seen?.view.count, seen?.view.over, seen?.view.unsent], [1, 1, 1]);
});

test("whom this phone has let in waits to be sent like any work, and the openings do not count", async () => {
  const { door: row } = await openedDoor();
  noNetwork();
  assert.equal(await waitingCount(), 0);
  await letIn(row, { guest: "Mo" });
  assert.equal(await waitingCount(), 1);
});

test("one is taken back by the event with no network, and with all doors' words once the server knows them", async () => {
  const { door: row } = await openedDoor();
  noNetwork();
  const { id } = await letIn(row, { guest: "Mo" });
  assert.deepEqual((await takeBack(row, { entry: null, event: id })).body, { event: id });
  assert.deepEqual(open((await doneAt(row))[1].p).needs, [row.opened, id]);
  const entry = newId();
  assert.deepEqual((await takeBack(row, { entry, event: id })).body, { entry });
  assert.deepEqual((await doneAt(row)).map(({ type }) => type), ["checkin.confirm", "checkin.undo"], "the entry is of no door that we know");
});

test("a helper's link is shown once the server has its hash, which is all that it gets", async () => {
  const { city, door: row } = await openedDoor();
  const network = globalThis.fetch;
  noNetwork();
  await makeHelperLink(row, "Sam");
  const before = await helperLinks(/** @type {Door} */ (await door(OCCURRENCE)));
  assert.deepEqual(before.map(({ label, state, address }) => [label, state, address]), [["Sam", "waiting", null]]);
  globalThis.fetch = network;
  await requestSync();
  const [link] = await helperLinks(/** @type {Door} */ (await door(OCCURRENCE)));
  assert.equal(link.state, "ready");
  const [, secret] = (readDoorLink(new URL(link.address ?? "").hash) ?? "").split(".");
  const made = [...city.events.values()].find(({ type }) => type === "door.link");
  assert.deepEqual(made.body, { occurrence: OCCURRENCE, digest: await digest(secret), label: "Sam" });
  assert.ok(!JSON.stringify(city.batches).includes(secret));
  await revokeLink(row, link.id ?? "");
  const [after] = await helperLinks(/** @type {Door} */ (await door(OCCURRENCE)));
  assert.deepEqual([after.state, after.address], ["revoked", null]);
});

test("whoever is removed from this phone takes their doors along", async () => {
  const { door: row } = await openedDoor();
  await requestSync();
  assert.equal(await removePerson(row.learner), 0);
  assert.equal(await door(OCCURRENCE), undefined);
});

test("the receipts and passes of a door need no network", async () => {
  const { door: row } = await openedDoor();
  noNetwork();
  const { makeReceipt } = await import("../../pwa/app/actions/door-receipt.js");
  const { isReceiptSigned, readReceipt } = await import("../../pwa/app/actions/passes.js");
  const { publicJwk } = await import("../../pwa/app/sync/keys.js");
  const learnerDevice = newId();
  const text = await makeReceipt(row, learnerDevice);
  assert.match(text, /^HTTPS:\/\/CITY\.TEST\/S\/7QAB3CDE#5\d+$/);
  const receipt = /** @type {any} */ (readReceipt(new URL(text).hash.slice(1)));
  const own = /** @type {DeviceRow} */ (await device(row.learner));
  assert.equal(receipt.device, own.device);
  const about = { host: "city.test", point: "7QAB3CDE", learnerDevice };
  assert.ok(await isReceiptSigned(receipt, about, /** @type {any} */ (await publicJwk(own.keys))));
  assert.ok(!(await isReceiptSigned(receipt, { ...about, learnerDevice: newId() }, /** @type {any} */ (await publicJwk(own.keys)))));
});
