/** A live query follows the store. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { effect } from "@preact/signals-core";
import { changed, live } from "../../pwa/app/store/live.js";
import { putSetting, setting } from "../../pwa/app/store/settings.js";
import { freshPhone } from "./browser.js";

beforeEach(freshPhone);

const settled = () => new Promise((done) => setTimeout(done, 20));

test("a live query runs again when its store changes, and only while somebody looks", async () => {
  let runs = 0;
  const query = () => {
    runs++;
    return setting("colour");
  };
  const value = live(query, ["settings"]);
  assert.equal(runs, 0);
  /** @type {any[]} */
  const seen = [];
  const stop = effect(() => void seen.push(value.value));
  await settled();
  await putSetting("colour", "green");
  await settled();
  changed("feed");
  await settled();
  assert.deepEqual(seen, [undefined, "green"]);
  const before = runs;
  stop();
  await putSetting("colour", "red");
  await settled();
  assert.equal(runs, before);
});

test("a change in another tab is seen here", async () => {
  const value = live(() => setting("colour"), ["settings"]);
  const stop = effect(() => void value.value);
  await settled();
  const { db } = await import("../../pwa/app/store/db.js");
  await (await db()).put("settings", { name: "colour", value: "blue" });
  const other = new BroadcastChannel("streetwise-stores");
  other.postMessage(["settings"]);
  await settled();
  other.close();
  assert.equal(value.value, "blue");
  stop();
});
