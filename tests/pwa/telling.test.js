/** What a learner is told while the app is closed: switched on with the browser's yes, and off whatever the network says. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { checkIn } from "../../pwa/app/actions/check-in.js";
import { addPerson, removePerson, switchTo } from "../../pwa/app/actions/people.js";
import { Blocked, chosenKinds, renewTelling, switchKind } from "../../pwa/app/actions/telling.js";
import { toBase64url } from "../../pwa/app/sync/bytes.js";
import { Offline } from "../../pwa/app/sync/api.js";
import { freshPhone } from "./browser.js";
import { noNetwork } from "./city.js";

const CODE = { point: "7QAB3CDE", proof: "10123456789ABCDEF" };
const KEY = new Uint8Array(65).fill(4);

/** @type {any} */
let subscription, permission;
/** @type {[string, any][]} what the server was asked */
let asked;

beforeEach(async () => {
  await freshPhone();
  noNetwork();
  [subscription, permission, asked] = [null, "granted", []];
  define("Notification", { requestPermission: async () => permission });
  define("registration", {
    pushManager: {
      getSubscription: async () => subscription,
      subscribe: async (/** @type {any} */ { applicationServerKey: key }) =>
        (subscription = {
          options: { applicationServerKey: key.buffer },
          toJSON: () => ({ endpoint: "https://push.example/1", keys: { p256dh: "p", auth: "a" } }),
          unsubscribe: async () => (subscription = null),
        }),
    },
  });
});

/** @param {string} name @param {any} value */
const define = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true });

function network() {
  globalThis.fetch = /** @type {any} */ (
    async (/** @type {string} */ path, /** @type {any} */ { method, body }) => {
      asked.push([`${method} ${path}`, body && JSON.parse(body)]);
      const headers = { "Sync-Proto": "1" };
      return path === "/api/push/key" ? Response.json({ key: toBase64url(KEY) }, { headers }) : new Response(null, { status: 204, headers });
    }
  );
}

const told = () => asked.filter(([what]) => what !== "GET /api/push/key");

test("what is switched on reaches the server, and is kept only then", async () => {
  await checkIn(CODE);
  await assert.rejects(switchKind("award", true), Offline);
  assert.deepEqual(await chosenKinds(), []);
  network();
  await switchKind("award", true);
  await switchKind("review", true);
  assert.deepEqual(await chosenKinds(), ["award", "review"]);
  assert.deepEqual(told().at(-1), ["POST /api/push", { endpoint: "https://push.example/1", p256dh: "p", auth: "a", lang: "en", kinds: ["award", "review"] }]);
});

test("where the browser says no, nothing is asked of the server", async () => {
  await checkIn(CODE);
  network();
  permission = "denied";
  await assert.rejects(switchKind("award", true), Blocked);
  assert.deepEqual([asked, await chosenKinds()], [[], []]);
});

test("switched off is off with no network too, and the browser takes no more messages", async () => {
  await checkIn(CODE);
  network();
  await switchKind("award", true);
  noNetwork();
  await switchKind("award", false);
  assert.deepEqual([await chosenKinds(), subscription], [[], null]);
});

test("a server with another key is subscribed to anew, for all who learn here", async () => {
  await checkIn(CODE);
  network();
  await switchKind("award", true);
  subscription.options.applicationServerKey = new Uint8Array(65).buffer;
  asked.length = 0;
  await renewTelling();
  assert.equal(told().length, 1);
  assert.equal(toBase64url(subscription.options.applicationServerKey), toBase64url(KEY));
});

test("who is removed from a phone is told nothing there any more, and the others still are", async () => {
  const first = await addPerson({ name: "Ada", picture: "fox" });
  await checkIn(CODE);
  network();
  await switchKind("award", true);
  const second = await addPerson({ name: "Ben", picture: "boat" });
  await switchTo(second);
  await checkIn(CODE);
  await switchKind("review", true);
  asked.length = 0;
  assert.equal(await removePerson(first, { rescued: true }), 0);
  while (!told().length) await new Promise((done) => setTimeout(done, 5));
  assert.deepEqual(told(), [["DELETE /api/push", undefined]]);
  assert.ok(subscription, "Ben is still told");
});
