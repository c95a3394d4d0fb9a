/** A database that cannot be read is kept, work goes on beside it, and what it held comes home. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { openDB } from "idb";
import { checkIn } from "../../pwa/app/actions/check-in.js";
import { close, db, TOOLS, whenTroubled } from "../../pwa/app/store/db.js";
import { learnerId } from "../../pwa/app/store/device.js";
import { draft, putDraft } from "../../pwa/app/store/drafts.js";
import { newId } from "../../pwa/app/store/ids.js";
import { itemsOf, outbox } from "../../pwa/app/store/outbox.js";
import { setting } from "../../pwa/app/store/settings.js";
import { moveAll } from "../../pwa/app/store/recovery.js";
import { requestSync } from "../../pwa/app/sync/triggers.js";
import { freshPhone } from "./browser.js";
import { noNetwork, startCity } from "./city.js";

/** @type {any[]} */
let told = [];

beforeEach(async () => {
  await freshPhone();
  noNetwork();
  told = [];
  whenTroubled((trouble) => told.push(trouble));
});

const stop = () => ({ point: "7QAB3CDE", proof: "10123456789ABCDEF", activity: newId() });
const settled = () => new Promise((done) => setTimeout(done, 200));
const names = async () => (await indexedDB.databases()).map(({ name }) => name).sort();

/** @type {(this: any, ...a: any[]) => IDBOpenDBRequest} */
let honest;

/** @param {string} error the name of what opening `streetwise` fails with from now on */
function damage(error) {
  honest = indexedDB.open;
  indexedDB.open = function (name, version) {
    if (name === "streetwise") throw new DOMException("broken", error);
    return honest.call(this, name, version);
  };
}

function mend() {
  indexedDB.open = honest;
}

async function restart() {
  await requestSync();
  await settled();
  await close();
}

for (const error of ["UnknownError", "VersionError"]) {
  test(`with ${error} work goes on in a new database, and the old one is kept`, async () => {
    await checkIn(stop());
    await restart();
    damage(error);
    const item = await checkIn(stop());
    await settled();
    assert.equal((await outbox())[0].id, item.id);
    assert.deepEqual(await names(), ["streetwise", "streetwise-2"]);
    assert.equal(told.at(-1), "unreadable");
    mend();
  });
}

test("when the old one opens again all it held comes over and is sent, and only then it goes", async () => {
  const before = await checkIn(stop());
  await putDraft("task-1", { text: "half a" });
  const [first, person] = [await learnerId(), { learner: before.learner, name: "Ada", picture: "heron" }];
  await (await db()).put("people", /** @type {any} */ (person));
  await restart();
  damage("UnknownError");
  const after = await checkIn(stop());
  await restart();
  mend();
  await db();
  await settled();
  assert.deepEqual(await names(), ["streetwise-2"]);
  assert.equal(told.at(-1), null);
  assert.equal(await learnerId(), after.learner); // whoever works here now is not replaced
  assert.notEqual(first, after.learner);
  const kept = await itemsOf(before.learner);
  assert.ok(kept.some(({ id }) => id === before.id));
  const database = await db();
  assert.equal((await database.get("drafts", [before.learner, "task-1"]))?.value.text, "half a");
  assert.equal((await database.get("people", before.learner))?.name, "Ada");
  assert.ok(await database.get("device", before.learner));
});

test("nobody at work in the new one: whoever worked in the old one does", async () => {
  const before = await checkIn(stop());
  await restart();
  damage("UnknownError");
  await db();
  await restart();
  mend();
  await db();
  await settled();
  const city = startCity();
  assert.equal(await learnerId(), before.learner);
  await requestSync();
  assert.ok(city.events.has(before.id));
});

test("moving replaces nothing and can be done again", async () => {
  const database = await db();
  await database.put("settings", { name: "synced_at", value: 2 });
  const old = await openDB("streetwise-0", TOOLS.version, {
    upgrade: (one) => {
      for (const name of database.objectStoreNames)
        one.createObjectStore(name, { keyPath: /** @type {any} */ (database.transaction(name).store.keyPath) });
    },
  });
  await old.put("settings", { name: "synced_at", value: 1 });
  await old.put("settings", { name: "colour", value: "green" });
  old.close();
  assert.equal(await moveAll(database, ["streetwise-0"], TOOLS), true);
  assert.equal(await setting("synced_at"), 2);
  assert.equal(await setting("colour"), "green");
});

test("a part that cannot be read keeps the old one where it is, and the rest comes over", async () => {
  const before = await checkIn(stop());
  await restart();
  damage("UnknownError");
  await db();
  await restart();
  mend();
  const { getAll } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.getAll = function (...query) {
    if (this.name === "feed" && this.transaction.db.name === "streetwise") throw new DOMException("bad", "UnknownError");
    return getAll.apply(this, query);
  };
  await db();
  await settled();
  IDBObjectStore.prototype.getAll = getAll;
  assert.ok((await itemsOf(before.learner)).some(({ id }) => id === before.id));
  assert.deepEqual(await names(), ["streetwise", "streetwise-2"]);
  assert.equal(told.at(-1), "unreadable");
});

test("what a tab writes that could still read the old one is not lost in the move", async () => {
  await checkIn(stop());
  const other = await import(/** @type {any} */ ("../../pwa/app/store/db.js?tab=2"));
  await other.db();
  await restart();
  damage("UnknownError");
  await db();
  await restart();
  mend();
  const { getAll } = IDBObjectStore.prototype;
  /** @type {Promise<any> | null} */
  let late = null;
  IDBObjectStore.prototype.getAll = function (...query) {
    const asked = getAll.apply(this, query);
    if (this.transaction.db.name === "streetwise" && this.name === "settings")
      late ??= other.db().then((/** @type {any} */ one) => one.put("settings", { name: "late", value: "here" }));
    return asked;
  };
  await db();
  await settled();
  IDBObjectStore.prototype.getAll = getAll;
  await late;
  assert.equal((await other.db()).name, "streetwise-2");
  assert.deepEqual(await names(), ["streetwise-2"]);
  assert.equal(await setting("late"), "here");
  await other.close();
});

test("another tab with an old version keeps this one waiting, and nothing is begun beside it", async () => {
  const old = await openDB("streetwise", 1, {
    upgrade: (one) => {
      one.createObjectStore("settings", { keyPath: "name" });
      one.createObjectStore("drafts", { keyPath: "task" });
    },
  });
  const opening = db();
  await settled();
  assert.equal(told.at(-1), "blocked");
  old.close();
  assert.equal((await opening).version, TOOLS.version);
  assert.equal(told.at(-1), null);
  assert.deepEqual(await names(), ["streetwise"]);
});

test("a full disk is no reason to begin anew", async () => {
  damage("QuotaExceededError");
  await assert.rejects(db(), { name: "QuotaExceededError" });
  mend();
  assert.deepEqual(await names(), []);
  assert.equal(told.at(-1), "broken");
  assert.equal(await draft("task-1"), undefined);
});

test("what has come home once does not come again when it was removed since", async () => {
  const before = await checkIn(stop());
  await putDraft("task-1", "half a");
  await restart();
  damage("UnknownError");
  await db();
  await restart();
  mend();
  const { getAll } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.getAll = function (...query) {
    if (this.name === "feed" && this.transaction.db.name === "streetwise") throw new DOMException("bad", "UnknownError");
    return getAll.apply(this, query);
  };
  await db();
  await settled();
  assert.equal(await draft("task-1"), "half a");
  await (await db()).delete("drafts", [before.learner, "task-1"]);
  await restart();
  await db();
  await settled();
  IDBObjectStore.prototype.getAll = getAll;
  assert.equal(await draft("task-1"), undefined);
  assert.ok((await itemsOf(before.learner)).some(({ id }) => id === before.id));
});

test("a database of a newer app is not kept from it while this one works beside", async () => {
  await (await openDB("streetwise", TOOLS.version + 1)).close();
  await db();
  await settled();
  assert.deepEqual(await names(), ["streetwise", "streetwise-2"]);
  let blocked = false;
  const newer = openDB("streetwise", TOOLS.version + 2, { blocked: () => (blocked = true) });
  await settled();
  assert.equal(blocked, false);
  (await newer).close();
});
