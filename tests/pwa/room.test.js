/** Making room: what is at stake is shown, only what may go goes by itself, and never anything of the learner's. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { freshPhone } from "./browser.js";
import { freshCaches } from "./cache-shelf.js";
import { enoughFor, gonePlaylists, isAtStake, keptPlaylists, makeRoom, UNUSED_MS } from "../../pwa/app/actions/room.js";
import { changeSavedPlaylist, savedPlaylists } from "../../pwa/app/store/bundles.js";
import { db } from "../../pwa/app/store/db.js";
import { keepFile, keptHashes } from "../../pwa/app/store/kept-files.js";
import { recordEvent } from "../../pwa/app/sync/events.js";

const NOW = Date.now();
const LONG_AGO = NOW - UNUSED_MS - 1000;
const hash = (/** @type {string} */ name) => name.padEnd(64, "0");

/** Room that is left, as the browser tells it: a quota less what the kept files take. */
let quota = 0;
/** @type {Record<string, number>} */
let sizes = {};

beforeEach(async () => {
  freshCaches();
  await freshPhone();
  [quota, sizes] = [10_000, {}];
  globalThis.fetch = /** @type {any} */ (async () => new Response("", { status: 503 }));
  const storage = {
    estimate: async () => ({ quota, usage: [...(await keptHashes())].reduce((sum, one) => sum + (sizes[one] ?? 0), 0) }),
  };
  Object.defineProperty(globalThis.navigator, "storage", { value: storage, configurable: true });
});

/**
 * Save a playlist of two stops with these files.
 * @param {string} id
 * @param {Record<string, number>} files sizes by name
 * @param {number} usedAt
 */
async function keep(id, files, usedAt) {
  const media = Object.entries(files).map(([name, size]) => ({ url: `/media/${name}`, sha256: hash(name), size, mime: "image/png" }));
  for (const { sha256, size } of media) {
    sizes[sha256] = size;
    await keepFile(sha256, new ArrayBuffer(1), "image/png");
  }
  const activities = [1, 2].map((n) => ({ id: `${id}-${n}`, title: "", url: "", tasks: [] }));
  const rules = { order: "any", required: activities.map((one) => one.id), choose: 0, from: [] };
  const playlist = { id, slug: id, title: id, url: "" };
  const bundle = { playlist, version: "v1", lang: "en", pages: [], media, activities, rules, codes: [], keys: [] };
  await changeSavedPlaylist(id, (row) => ({ ...row, state: "ready", bundle: /** @type {any} */ (bundle), used_at: usedAt }));
}

/** Say in somebody's feed that they finished. @param {string} id @param {string} [learner] */
async function finish(id, learner = "ada") {
  await (await db()).put("feed", { feed: `learner:${learner}`, key: `completion:playlist:${id}`, ver: 1, row: {} });
}

const ids = async () => (await savedPlaylists()).map(({ id }) => id).sort();

test("what is on the phone is listed by its last use, with what is at stake", async () => {
  await keep("river", { boat: 500, map: 100 }, 2000);
  await keep("museum", { wheel: 700, map: 100 }, 1000);
  await keep("mill", { stone: 50 }, 500);
  await recordEvent("checkin.scan", { activity: "mill-1", point: null, proof: null, typed: null }, {});
  await finish("museum");
  const kept = await keptPlaylists();
  assert.deepEqual(kept.map(({ row }) => row.id), ["museum", "river", "mill"], "work done in it is use");
  assert.deepEqual(kept.map(({ size }) => size), [700, 500, 50], "what others share would stay");
  assert.deepEqual(kept.map(({ unsent }) => unsent), [0, 0, 1]);
  assert.deepEqual(kept.map(isAtStake), [false, false, true]);
  assert.deepEqual([kept[2].begun[0].waiting, kept[2].begun[0].total], [1, 2]);
});

test("exactly as much is offered as is needed, the least recently used first", async () => {
  await keep("a", { one: 100 }, 1);
  await keep("b", { two: 900 }, 2);
  await keep("c", { three: 900 }, 3);
  const kept = await keptPlaylists();
  assert.deepEqual([...enoughFor(kept, 50)], ["a"]);
  assert.deepEqual([...enoughFor(kept, 800)], ["b"], "the small one alone would not do, and is spared");
  assert.deepEqual([...enoughFor(kept, 1000)], ["a", "b"]);
  assert.deepEqual([...enoughFor(kept, 0)], []);
  assert.deepEqual([...enoughFor(kept, 800, "b")], ["c"], "never the one that the room is for");
});

test("only what is finished and long unused goes by itself, and it is said", async () => {
  await keep("finished", { one: 3000 }, LONG_AGO);
  await keep("fresh", { two: 3000 }, NOW);
  await keep("begun", { three: 1000 }, LONG_AGO);
  await keep("never", { four: 1000 }, LONG_AGO);
  await finish("finished");
  await finish("fresh");
  await recordEvent("checkin.scan", { activity: "begun-1", point: null, proof: null, typed: null }, {});
  assert.equal(await makeRoom(4000, { now: NOW + UNUSED_MS / 2 }), true);
  assert.deepEqual(await ids(), ["begun", "fresh", "never"]);
  assert.deepEqual(await gonePlaylists(), [{ id: "finished", title: "finished", lang: "en", size: 3000 }]);
  assert.equal(await makeRoom(9000, { now: NOW + UNUSED_MS / 2 }), false, "then it is the person's turn");
  assert.deepEqual(await ids(), ["begun", "fresh", "never"]);
});

test("what one learner finished and another is in the middle of stays", async () => {
  await keep("shared", { one: 9000 }, LONG_AGO);
  await finish("shared", "ada");
  await (await db()).put("feed", { feed: "learner:ben", key: "completion:activity:shared-1", ver: 1, row: {} });
  assert.equal(await makeRoom(5000, { now: NOW }), false);
  assert.deepEqual(await ids(), ["shared"]);
});

test("files that nobody needs and visited pages go first", async () => {
  await keep("finished", { one: 3000 }, LONG_AGO);
  await finish("finished");
  sizes[hash("left")] = 5000;
  await keepFile(hash("left"), new ArrayBuffer(1), "image/png");
  await (await caches.open("visited-pages")).put("/en/", new Response("old"));
  assert.equal(await makeRoom(5000, { now: NOW }), true);
  assert.deepEqual(await ids(), ["finished"]);
  assert.equal(await caches.has("visited-pages"), true, "enough is enough");
  assert.equal(await makeRoom(6900, { now: NOW }), true);
  assert.equal(await caches.has("visited-pages"), false);
});

test("nothing of the learner's goes, however full the phone is", async () => {
  await keep("finished", { one: 9000 }, LONG_AGO);
  await finish("finished");
  const database = await db();
  await recordEvent("task.answer", { activity: "other", task: "t", answer: { text: "mine" } }, {});
  await database.put("drafts", { learner: "ada", task: "t", value: "half a thought", at: 1 });
  const before = [await database.count("outbox"), await database.count("drafts")];
  quota = 100;
  assert.equal(await makeRoom(5000, { now: NOW }), false);
  assert.ok((await database.count("outbox")) >= before[0]);
  assert.equal(await database.count("drafts"), before[1]);
});
