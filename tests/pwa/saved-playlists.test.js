/** Saving a playlist: nothing fetched twice, nothing damaged kept, and never half a version in use. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { freshPhone } from "./browser.js";
import { freshCaches } from "./cache-shelf.js";
import { prepareForOffline } from "../../pwa/app/actions/app-worker.js";
import { bringBack, keepApp, noteUsed, putAway, remove, save, sizeToSave, stop, updateSaved } from "../../pwa/app/actions/saved-playlists.js";
import { sha256 } from "../../pwa/app/store/blobs.js";
import { savedPlaylist } from "../../pwa/app/store/bundles.js";
import { keptFile, keptHashes } from "../../pwa/app/store/kept-files.js";
import { outbox } from "../../pwa/app/store/outbox.js";

const LATER = () => Date.now() + 3_600_000;

/** @type {ReturnType<typeof startShop>} */
let shop;

beforeEach(async () => {
  shop = startShop(); // before the phone: what an earlier test left running ends here
  freshCaches();
  await freshPhone();
});

/** A server with playlists; `files` is what it answers at an address, `asked` what it was asked for. */
function startShop() {
  const shop = {
    /** @type {Record<string, string>} */ files: {},
    /** @type {Record<string, any>} */ bundles: {},
    /** @type {string[]} */ asked: [],
    /** @type {(path: string) => void} */ before: () => {},
  };
  globalThis.fetch = /** @type {any} */ (
    async (/** @type {string} */ path, /** @type {any} */ init = {}) => {
      shop.asked.push(path);
      shop.before(path);
      if (path === "/api/sync") throw new TypeError("no sync in this test");
      const id = /^\/api\/playlists\/([^/]+)\/bundle/.exec(path)?.[1];
      if (!id) return path in shop.files ? new Response(shop.files[path]) : new Response("", { status: 404 });
      const bundle = shop.bundles[id];
      const headers = { "Sync-Proto": "1", ETag: `"${bundle.version}"` };
      if (init.headers?.["If-None-Match"] === headers.ETag) return new Response(null, { status: 304, headers });
      return new Response(JSON.stringify(bundle), { headers });
    }
  );
  return shop;
}

/**
 * Publish a playlist whose files hold these words.
 * @param {string} id
 * @param {string} version
 * @param {Record<string, string>} pages
 * @param {Record<string, string>} [media]
 */
async function publish(id, version, pages, media = {}) {
  Object.assign(shop.files, pages, media);
  const listed = (/** @type {Record<string, string>} */ files) =>
    Promise.all(
      Object.entries(files).map(async ([url, words]) => {
        const bytes = new TextEncoder().encode(words);
        return { url, sha256: await sha256(/** @type {any} */ (bytes)), size: bytes.length, mime: "image/png" };
      }),
    );
  shop.bundles[id] = {
    ...{ playlist: { id, slug: id, title: id, url: `/en/playlists/${id}` }, version, lang: "en", valid_until: "" },
    ...{ size: 0, pages: await listed(pages), media: await listed(media), codes: [], keys: [] },
    ...{ rules: { order: "any", required: [], choose: 0, from: [] }, activities: [] },
  };
}

const fetched = (/** @type {string} */ path) => shop.asked.filter((one) => one === path).length;

test("a saved playlist is ready when every file is here", async () => {
  await publish("museum", "v1", { "/a?part=1": "mill", "/b?part=1": "salt" }, { "/media/p.png": "wheel" });
  assert.equal(await sizeToSave("museum"), 13);
  assert.equal(await save("museum"), "ready");
  const row = await savedPlaylist("museum");
  assert.equal(row?.state, "ready");
  assert.deepEqual([row?.done, row?.total], [13, 13]);
  for (const { sha256: hash } of [...(row?.bundle?.pages ?? []), ...(row?.bundle?.media ?? [])])
    assert.ok(await keptFile(hash));
  assert.deepEqual((await outbox()).filter(({ type }) => type === "playlist.save").map(({ body }) => body), [
    { playlist: "museum", version: "v1" },
  ]);
});

test("after a lost network it goes on where it was, and fetches nothing twice", async () => {
  await publish("museum", "v1", Object.fromEntries([..."abcdefgh"].map((one) => [`/${one}?part=1`, `stop ${one}`])));
  shop.before = (path) => {
    if (path === "/h?part=1") throw new TypeError("no network");
  };
  assert.equal(await save("museum"), "offline");
  const row = await savedPlaylist("museum");
  assert.deepEqual([row?.state, row?.problem, row?.bundle], ["saving", "offline", null]);
  shop.before = () => {};
  assert.equal(await save("museum"), "ready");
  assert.equal(fetched("/a?part=1"), 1);
  assert.equal(fetched("/h?part=1"), 2);
});

test("stop stops it and keeps what is here", async () => {
  await publish("museum", "v1", Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`/${n}?part=1`, `stop ${n}`])));
  shop.before = (path) => {
    if (path === "/5?part=1") void stop("museum");
  };
  assert.equal(await save("museum"), "stopped");
  const row = await savedPlaylist("museum");
  assert.equal(row?.problem, "stopped");
  const kept = (await keptHashes()).size;
  assert.ok(kept > 0 && kept < 30, `${kept} kept`);
  assert.deepEqual(await updateSaved({ now: LATER() }), [], "what a person stopped does not start by itself");
  assert.equal((await savedPlaylist("museum"))?.problem, "stopped");
});

test("a file that is not what the manifest says is not kept", async () => {
  await publish("museum", "v1", { "/a?part=1": "mill" });
  shop.files["/a?part=1"] = "portal";
  const before = await keptHashes();
  assert.equal(await save("museum"), "damaged");
  assert.deepEqual(await keptHashes(), before);
  assert.equal((await savedPlaylist("museum"))?.bundle, null);
});

test("a page that changed between manifest and file is fetched by the new manifest", async () => {
  await publish("museum", "v2", { "/a?part=1": "new mill" });
  const v2 = shop.bundles.museum;
  await publish("museum", "v1", { "/a?part=1": "mill" });
  shop.before = (path) => {
    if (path === "/a?part=1") Object.assign(shop, { files: { [path]: "new mill" }, bundles: { museum: v2 } });
  };
  assert.equal(await save("museum"), "ready");
  assert.equal((await savedPlaylist("museum"))?.bundle?.version, "v2");
});

test("a page that changed twice while it was fetched is right in the end", async () => {
  /** @type {any[]} */
  const versions = [];
  for (const n of [1, 2, 3, 4]) {
    await publish("museum", `v${n}`, { "/a?part=1": `mill ${n}`, "/b?part=1": "salt" });
    versions.push({ files: { ...shop.files }, bundles: { museum: shop.bundles.museum } });
  }
  Object.assign(shop, versions[0]);
  let changes = 0;
  shop.before = (path) => {
    if (path === "/a?part=1" && changes < 2) Object.assign(shop, versions[++changes]);
  };
  assert.equal(await save("museum"), "ready");
  assert.equal((await savedPlaylist("museum"))?.bundle?.version, "v3");
  assert.equal(fetched("/b?part=1"), 1);
});

test("the old version serves until the new one is whole", async () => {
  await publish("museum", "v1", { "/a?part=1": "mill", "/b?part=1": "salt" });
  await save("museum");
  await publish("museum", "v2", { "/a?part=1": "new mill", "/b?part=1": "salt", "/c?part=1": "clock" });
  shop.before = (path) => {
    if (path === "/c?part=1") throw new TypeError("no network");
  };
  assert.deepEqual(await updateSaved({ now: LATER() }), []);
  const half = await savedPlaylist("museum");
  assert.equal(half?.bundle?.version, "v1");
  for (const page of half?.bundle?.pages ?? []) assert.ok(await keptFile(page.sha256), "all of v1 is still here");

  shop.before = () => {};
  assert.deepEqual(await updateSaved({ now: LATER() }), ["museum"]);
  assert.equal((await savedPlaylist("museum"))?.bundle?.version, "v2");
  assert.equal(fetched("/b?part=1"), 1, "what did not change is not fetched again");
  assert.equal((await keptHashes()).size, 3, "what only v1 had is gone");
});

test("removing a playlist keeps what another one needs", async () => {
  await publish("museum", "v1", { "/a?part=1": "mill" }, { "/media/map.png": "map" });
  await publish("river", "v1", { "/r?part=1": "boat" }, { "/media/map.png": "map" });
  await save("museum");
  assert.equal(await sizeToSave("river"), 4, "the map is here already");
  await save("river");
  assert.equal(fetched("/media/map.png"), 1);
  await remove("museum");
  assert.equal(await savedPlaylist("museum"), undefined);
  const [map] = /** @type {any} */ (await savedPlaylist("river")).bundle.media;
  assert.ok(await keptFile(map.sha256));
  assert.equal((await keptHashes()).size, 2);
  assert.equal((await outbox())[0].type, "playlist.forget");
});

test("a file that the browser threw away is brought back", async () => {
  await publish("museum", "v1", { "/a?part=1": "mill" });
  await save("museum");
  freshCaches();
  await updateSaved({ now: LATER() });
  assert.equal((await keptHashes()).size, 1);
  assert.equal((await savedPlaylist("museum"))?.state, "ready");
});

test("with no network a saved playlist stays ready", async () => {
  await publish("museum", "v1", { "/a?part=1": "mill" });
  await save("museum");
  shop.before = () => {
    throw new TypeError("no network");
  };
  await updateSaved({ now: LATER() });
  const row = await savedPlaylist("museum");
  assert.deepEqual([row?.state, row?.problem], ["ready", null]);
});

test("of forty stops only the changed one is fetched, with the manifest", async () => {
  const pages = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`/${n}?part=1`, `stop ${n}`]));
  await publish("museum", "v1", pages, { "/media/map.png": "map" });
  await save("museum");
  await publish("museum", "v2", { ...pages, "/7?part=1": "stop 7, new" }, { "/media/map.png": "map" });
  shop.asked.length = 0;
  assert.deepEqual(await updateSaved({ now: LATER() }), ["museum"]);
  const asked = shop.asked.filter((path) => path !== "/api/sync");
  assert.deepEqual(asked, ["/api/playlists/museum/bundle?lang=en", "/7?part=1"]);
});

test("an update that was broken off goes on where it was", async () => {
  const pages = (/** @type {string} */ word) =>
    Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`/${n}?part=1`, `${word} ${n}`]));
  await publish("museum", "v1", pages("old"));
  await save("museum");
  await publish("museum", "v2", pages("new"));
  shop.before = (path) => {
    if (path === "/11?part=1") throw new TypeError("no network");
  };
  await updateSaved({ now: LATER() });
  assert.equal((await savedPlaylist("museum"))?.bundle?.version, "v1");
  shop.before = () => {};
  shop.asked.length = 0;
  assert.deepEqual(await updateSaved({ now: LATER() }), ["museum"]);
  assert.deepEqual(shop.asked.filter((path) => path.endsWith("?part=1")), ["/11?part=1"]);
});

test("a file that arrives broken never lets a new version serve", async () => {
  await publish("museum", "v1", { "/a?part=1": "mill", "/b?part=1": "salt" });
  await save("museum");
  await publish("museum", "v2", { "/a?part=1": "new mill", "/b?part=1": "new salt" });
  shop.files["/b?part=1"] = "new sal\0";
  assert.deepEqual(await updateSaved({ now: LATER() }), []);
  const row = await savedPlaylist("museum");
  assert.deepEqual([row?.bundle?.version, row?.problem], ["v1", "damaged"]);
  for (const page of row?.bundle?.pages ?? []) assert.ok(await keptFile(page.sha256));
});

test("a file that another tab swept away meanwhile is fetched before the version serves", async () => {
  await publish("museum", "v1", { "/a?part=1": "mill", "/b?part=1": "salt" });
  await save("museum");
  await publish("museum", "v2", { "/a?part=1": "new mill", "/b?part=1": "salt" });
  let swept = false;
  shop.before = (path) => {
    if (path === "/a?part=1" && !swept) {
      swept = true;
      freshCaches();
    }
  };
  assert.deepEqual(await updateSaved({ now: LATER() }), ["museum"]);
  for (const page of (await savedPlaylist("museum"))?.bundle?.pages ?? []) assert.ok(await keptFile(page.sha256));
});

test("its last use is noted, at most once a minute", async () => {
  await publish("museum", "v1", { "/en/playlists/museum?part=1": "mill" });
  await save("museum");
  await noteUsed("/en/playlists/museum", 1_000_000);
  await noteUsed("/en/playlists/museum", 1_030_000);
  await noteUsed("/en/playlists/river", 2_000_000);
  assert.equal((await savedPlaylist("museum"))?.used_at, 1_000_000);
  await noteUsed("/en/playlists/museum", 1_070_000);
  assert.equal((await savedPlaylist("museum"))?.used_at, 1_070_000);
});

test("what was put away comes back at once, with no network", async () => {
  await publish("museum", "v1", { "/a?part=1": "mill" });
  await save("museum");
  const row = await putAway("museum");
  assert.equal(await savedPlaylist("museum"), undefined);
  shop.before = () => {
    throw new TypeError("no network");
  };
  await bringBack(/** @type {SavedPlaylist} */ (row));
  const back = await savedPlaylist("museum");
  assert.deepEqual([back?.state, back?.bundle?.version], ["ready", "v1"]);
  for (const page of back?.bundle?.pages ?? []) assert.ok(await keptFile(page.sha256));
});

/**
 * A browser whose worker answers so when it is asked to keep the app.
 * @param {((what: any) => Promise<boolean>) | null} answers null: it never does
 */
function startWorker(answers) {
  const active = {
    postMessage: async (/** @type {any} */ what, /** @type {MessagePort[]} */ [port]) => {
      if (answers) port.postMessage(await answers(what));
    },
  };
  globalThis.location ??= /** @type {any} */ ({ pathname: "/en/playlists/museum" });
  const serviceWorker = { ready: Promise.resolve({ active }) };
  Object.defineProperty(globalThis.navigator, "serviceWorker", { value: serviceWorker, configurable: true });
  return () => Reflect.deleteProperty(globalThis.navigator, "serviceWorker");
}

test("a playlist is not ready before the worker says that it keeps the app", async (t) => {
  await publish("museum", "v1", { "/a?part=1": "mill" });
  let states = /** @type {any[]} */ ([]);
  t.after(
    startWorker(async ({ type, decoder }) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      states.push(type, decoder, (await savedPlaylist("museum"))?.state);
      return true;
    }),
  );
  assert.equal(await save("museum"), "ready");
  assert.deepEqual(states, ["keep", true, "saving"]);
  const row = await savedPlaylist("museum");
  assert.deepEqual([row?.state, row?.opens], ["ready", true]);
  await updateSaved({ now: LATER() });
  assert.equal((await savedPlaylist("museum"))?.opens, true);
});

test("where the worker could not keep the app the playlist says so, and asks once more", async (t) => {
  await publish("museum", "v1", { "/a?part=1": "mill" });
  let keeps = false;
  t.after(startWorker(async () => keeps));
  await save("museum");
  const row = await savedPlaylist("museum");
  assert.deepEqual([row?.state, row?.opens], ["ready", false]);
  keeps = true;
  await keepApp("museum");
  assert.equal((await savedPlaylist("museum"))?.opens, true);
});

test("a worker that never answers, and none at all, keep nobody waiting for ever", async (t) => {
  assert.equal(await prepareForOffline(), false);
  t.after(startWorker(null));
  assert.equal(await prepareForOffline({ ms: 10 }), false);
});

test("the room of what was just removed is waited for, for the browser counts it later", async () => {
  let refusals = 0;
  freshCaches(() => refusals-- > 0);
  await publish("museum", "v1", { "/a?part=1": "mill" });
  await publish("river", "v1", { "/r?part=1": "reed" });
  await save("museum");
  await remove("museum");
  refusals = 2;
  assert.equal(await save("river"), "ready");
});

test("a phone that has long been full says so at once", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] }); // nothing waits: the clock stands still
  t.mock.method(performance, "now", () => 1e9);
  freshCaches(() => true);
  await publish("museum", "v1", { "/a?part=1": "mill" });
  assert.equal(await save("museum"), "full");
  assert.equal((await savedPlaylist("museum"))?.problem, "full");
});
