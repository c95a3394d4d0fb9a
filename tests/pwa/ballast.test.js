/** A full phone still takes what a person just did. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { record } from "../../pwa/app/actions/record.js";
import { afterRecord, evictBy } from "../../pwa/app/actions/reserve.js";
import { freeBallast, growBallast } from "../../pwa/app/store/ballast.js";
import { db } from "../../pwa/app/store/db.js";
import { device } from "../../pwa/app/store/device.js";
import { newId } from "../../pwa/app/store/ids.js";
import { outbox } from "../../pwa/app/store/outbox.js";
import { syncOnce } from "../../pwa/app/sync/client.js";
import { recordEvent } from "../../pwa/app/sync/events.js";
import { freshPhone } from "./browser.js";
import { noNetwork, startCity } from "./city.js";

const MB = 1024 * 1024;
const given = () => ({ activity: newId(), stars: 5 });

/** @param {Record<string, any>} storage */
const giveStorage = (storage) =>
  Object.defineProperty(globalThis.navigator, "storage", { value: storage, configurable: true });

/** A disk that is full until `fits` says otherwise. @param {() => Promise<boolean>} fits */
async function fullDisk(fits) {
  const add = IDBObjectStore.prototype.add;
  let free = await fits();
  mock.method(IDBObjectStore.prototype, "add", function (/** @type {any[]} */ ...given) {
    if (!free) throw new DOMException("full", "QuotaExceededError");
    return add.apply(/** @type {any} */ (this), /** @type {any} */ (given));
  });
  return { look: async () => (free = await fits()) };
}

beforeEach(async () => {
  await freshPhone();
  noNetwork();
  giveStorage({ estimate: async () => ({ quota: 1000 * MB, usage: 0 }), persisted: async () => true });
});
afterEach(() => {
  mock.restoreAll();
  evictBy(async () => {});
  giveStorage({});
});

test("ballast is kept once there is something to protect, and only where there is plenty of room", async () => {
  assert.equal(await growBallast(), false);
  await recordEvent("feedback.give", given());
  giveStorage({ estimate: async () => ({ quota: 60 * MB, usage: 10 * MB }) });
  assert.equal(await growBallast(), false);
  giveStorage({ estimate: async () => ({ quota: 600 * MB, usage: 10 * MB }) });
  assert.equal(await growBallast(), true);
  assert.equal((await (await db()).get("ballast", "ballast"))?.bytes.byteLength, 5 * MB);
  assert.equal(await freeBallast(), true);
  assert.equal(await freeBallast(), false);
  assert.equal(await growBallast(), true);
});

test("on a full phone the ballast is given up and the work is kept", async () => {
  await recordEvent("feedback.give", given());
  await growBallast();
  const disk = await fullDisk(async () => (await (await db()).count("ballast")) === 0);
  evictBy(disk.look);
  const item = await record("feedback.give", given());
  assert.equal((await outbox())[0].id, item.id);
});

test("when nothing helps the person is told, and nothing is half kept", async () => {
  await recordEvent("feedback.give", given());
  /** @type {number[]} */
  const asked = [];
  evictBy(async (bytes) => asked.push(bytes));
  await fullDisk(async () => false);
  const photo = { bytes: new ArrayBuffer(3 * MB), mime: "image/jpeg" };
  await assert.rejects(record("evidence.submit", given(), { blobs: [photo] }), { name: "QuotaExceededError" });
  assert.equal((await outbox()).length, 2);
  assert.equal((await device())?.seq, 2);
  assert.equal(await (await db()).count("blobs"), 0);
  assert.ok(asked.length === 1 && asked[0] > 3 * MB);
});

test("the browser is asked once not to clear us, however much is recorded", async () => {
  let asked = 0;
  giveStorage({ persisted: async () => false, persist: async () => ++asked > 9, estimate: async () => ({}) });
  await recordEvent("feedback.give", given());
  for (let n = 0; n < 3; n++) await afterRecord();
  assert.equal(asked, 1);
});

test("what waits on a full phone is sent, once the ballast has made room for sending", async () => {
  const { id } = await recordEvent("feedback.give", given());
  await growBallast();
  const city = startCity();
  const { put, delete: remove } = IDBObjectStore.prototype;
  let full = true;
  mock.method(IDBObjectStore.prototype, "delete", function (/** @type {any} */ key) {
    if (/** @type {any} */ (this).name === "ballast") full = false;
    return remove.call(/** @type {any} */ (this), key);
  });
  mock.method(IDBObjectStore.prototype, "put", function (/** @type {any[]} */ ...row) {
    if (full) throw new DOMException("full", "QuotaExceededError");
    return put.apply(/** @type {any} */ (this), /** @type {any} */ (row));
  });
  mock.method(console, "error", () => {});
  assert.equal(await syncOnce(), "failed");
  assert.equal(await syncOnce(), "done");
  assert.ok(city.events.has(id));
});
