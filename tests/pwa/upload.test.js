/** Files go up in pieces as large as the line bears, go on after any break, and say what is in their way. */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { sendNow } from "../../pwa/app/actions/outbox.js";
import { sendingOf, sha256 } from "../../pwa/app/store/blobs.js";
import { putSetting, setting } from "../../pwa/app/store/settings.js";
import { syncOnce } from "../../pwa/app/sync/client.js";
import { recordEvent } from "../../pwa/app/sync/events.js";
import { newId } from "../../pwa/app/store/ids.js";
import { requestSync } from "../../pwa/app/sync/triggers.js";
import { freshPhone } from "./browser.js";
import { startCity } from "./city.js";

const KB = 1024;
const HEADERS = { "Sync-Proto": "1" };

beforeEach(async () => {
  mock.timers.reset();
  await freshPhone();
});

/** @param {...number} sizes */
async function handIn(...sizes) {
  const blobs = sizes.map((size, n) => ({ bytes: new Uint8Array(size).fill(n + 1).buffer, mime: "image/jpeg" }));
  const hashes = await Promise.all(blobs.map(({ bytes }) => sha256(bytes)));
  const item = await recordEvent("evidence.submit", { task: newId(), files: hashes }, { blobs });
  return { item, hashes, sending: () => Promise.all(hashes.map((hash) => sendingOf(item.learner, hash))) };
}

/** Note each request about a file, and let `misbehave` answer in its place. @param {ReturnType<typeof startCity>} city */
function watch(city, misbehave = (/** @type {any} */ _call) => /** @type {any} */ (undefined)) {
  const served = globalThis.fetch;
  /** @type {{method: string, hash: string, offset: number, size: number}[]} */
  const calls = [];
  globalThis.fetch = /** @type {any} */ (
    async (/** @type {string} */ path, /** @type {any} */ init) => {
      if (!path.startsWith("/api/blobs/")) return served(path, init);
      const call = {
        ...{ method: init.method, hash: path.split("/").at(-1) ?? "" },
        ...{ offset: Number(init.headers["Upload-Offset"] ?? 0), size: init.body?.byteLength ?? 0 },
      };
      calls.push(call);
      return (await misbehave({ ...call, signal: init.signal, pass: () => served(path, init) })) ?? served(path, init);
    }
  );
  return calls;
}

const problem = (/** @type {number} */ status, /** @type {any} */ body) =>
  new Response(JSON.stringify({ status, ...body }), { status, headers: HEADERS });

test("evidence is sent in the second version of its event", async () => {
  const city = startCity();
  const { item } = await handIn(10);
  await syncOnce();
  assert.equal(city.events.get(item.id).tv, 2);
});

test("small files go first, and each is known to have arrived", async () => {
  const city = startCity();
  const { hashes, sending } = await handIn(300 * KB, 10, 20 * KB);
  city.wanted = [...hashes];
  const calls = watch(city);
  await syncOnce();
  assert.deepEqual([...new Set(calls.map(({ hash }) => hash))], [hashes[1], hashes[2], hashes[0]]);
  assert.deepEqual((await sending()).map(({ whole }) => whole), [true, true, true]);
});

test("pieces grow while the line is quick", async () => {
  const city = startCity();
  const { hashes } = await handIn(4000 * KB);
  city.wanted = [...hashes];
  const calls = watch(city);
  await syncOnce();
  const sizes = calls.filter(({ method }) => method === "PATCH").map(({ size }) => size / KB);
  assert.deepEqual(sizes, [256, 512, 1024, 1024, 1024, 160]);
  assert.equal(city.blobs.get(hashes[0])?.length, 4000 * KB);
});

test("a piece that does not get through in time is halved, and the next page knows", async () => {
  const city = startCity();
  const { hashes } = await handIn(300 * KB);
  city.wanted = [...hashes];
  mock.timers.enable({ apis: ["Date"], now: Date.now() });
  const calls = watch(city, ({ size, method }) => {
    if (method !== "PATCH" || size <= 64 * KB) {
      if (method === "PATCH") mock.timers.tick(6_000); // slow, and through
      return undefined;
    }
    mock.timers.tick(20_000);
    throw new DOMException("too long", "AbortError");
  });
  for (let cycle = 0; cycle < 5 && !(await sendingOf((await handInLearner()), hashes[0])).whole; cycle++) await syncOnce();
  assert.equal(city.blobs.get(hashes[0])?.length, 300 * KB);
  assert.equal(await setting("piece"), 64 * KB);
  const sizes = calls.filter(({ method }) => method === "PATCH").map(({ size }) => size / KB);
  assert.deepEqual(sizes.slice(0, 3), [256, 128, 64]);
});

const handInLearner = async () => /** @type {string} */ (await setting("learner"));

test("an upload goes on where the server says, also when another phone was faster", async () => {
  const city = startCity();
  const { hashes, sending } = await handIn(600 * KB);
  city.wanted = [...hashes];
  city.blobs.set(hashes[0], new Uint8Array(100 * KB).fill(1));
  let raced = false;
  const calls = watch(city, ({ method }) => {
    if (method !== "PATCH" || raced) return undefined;
    raced = true;
    city.blobs.set(hashes[0], new Uint8Array(400 * KB).fill(1));
    return problem(409, { code: "wrong_offset", offset: 400 * KB });
  });
  await syncOnce();
  assert.deepEqual(calls.filter(({ method }) => method === "PATCH").map(({ offset }) => offset / KB), [100, 400]);
  assert.deepEqual((await sending()).map(({ whole }) => whole), [true]);
});

test("an upload whose last reply was lost is finished by an empty piece", async () => {
  const city = startCity();
  const { hashes, sending } = await handIn(300 * KB);
  city.wanted = [...hashes];
  city.blobs.set(hashes[0], new Uint8Array(300 * KB).fill(1));
  const calls = watch(city);
  await syncOnce();
  assert.deepEqual(calls.map(({ method, size }) => [method, size]), [["HEAD", 0], ["PATCH", 0]]);
  assert.deepEqual((await sending()).map(({ whole }) => whole), [true]);
});

test("a file that was damaged on its way begins again", async () => {
  const city = startCity();
  const { hashes, sending } = await handIn(300 * KB);
  city.wanted = [...hashes];
  let damaged = true;
  watch(city, ({ method, offset }) => {
    if (method !== "PATCH" || !offset || !damaged) return undefined;
    damaged = false;
    city.blobs.delete(hashes[0]);
    return problem(422, { code: "hash_mismatch" });
  });
  await syncOnce();
  assert.equal(city.blobs.get(hashes[0])?.length, 300 * KB);
  assert.deepEqual((await sending()).map(({ whole }) => whole), [true]);
});

test("a file for which there is no room says so, keeps no other waiting, and is tried again on request", async () => {
  const city = startCity();
  const { hashes, sending } = await handIn(10, 20);
  city.wanted = [...hashes];
  let full = true;
  const calls = watch(city, ({ hash }) => (full && hash === hashes[0] ? problem(507, { code: "quota" }) : undefined));
  await syncOnce();
  assert.deepEqual((await sending()).map(({ why, whole }) => [why, whole]), [["quota", undefined], [undefined, true]]);
  const before = calls.length;
  await syncOnce();
  assert.equal(calls.length, before);
  full = false;
  await sendNow();
  assert.deepEqual((await sending()).map(({ whole }) => whole), [true, true]);
});

test("what was sent is known piece by piece, and after a reload", async () => {
  const city = startCity();
  await putSetting("piece", 256 * KB);
  const { hashes, sending } = await handIn(900 * KB);
  city.wanted = [...hashes];
  let gone = false;
  watch(city, ({ offset }) => {
    if (!offset || gone) return undefined;
    gone = true;
    throw new TypeError("network gone");
  });
  assert.equal(await syncOnce(), "offline");
  assert.deepEqual((await sending()).map(({ sent }) => sent), [256 * KB]);
  assert.equal(await requestSync(), "done");
  assert.deepEqual((await sending()).map(({ whole }) => whole), [true]);
});
