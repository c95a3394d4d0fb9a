/** One learner on two phones: the second joins by a secret that the server never sees from the first, and mixes nothing. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { checkIn } from "../../pwa/app/actions/check-in.js";
import { joinAddress, parseInvitation, readInvitation } from "../../pwa/app/actions/invitations.js";
import { scan } from "../../pwa/app/actions/scan.js";
import { askAgain, cancelInvitation, invite, join, joined } from "../../pwa/app/actions/second-phone.js";
import { switchTo } from "../../pwa/app/actions/people.js";
import { db } from "../../pwa/app/store/db.js";
import { learnerId } from "../../pwa/app/store/device.js";
import { cursors, feedOf } from "../../pwa/app/store/feed.js";
import { newId } from "../../pwa/app/store/ids.js";
import { itemsOf, waitingCount } from "../../pwa/app/store/outbox.js";
import { everyone } from "../../pwa/app/store/people.js";
import { requestSync } from "../../pwa/app/sync/triggers.js";
import { freshPhone } from "./browser.js";
import { digest, noNetwork, open, startCity } from "./city.js";

const CODE = { point: "7QAB3CDE", proof: "10123456789ABCDEF" };
const SECRET = "s".repeat(43);

globalThis.location = /** @type {any} */ ({ origin: "https://city.test", host: "city.test" });

beforeEach(async () => {
  await freshPhone();
  noNetwork();
});

test("an invitation sends only the hash of its secret, and can be taken back", async () => {
  const city = startCity();
  const made = await invite();
  const { learner, secret } = /** @type {any} */ (parseInvitation(made.address, ["city.test"]));
  assert.equal(learner, await learnerId());
  await requestSync();
  await cancelInvitation(made);
  await requestSync();
  const [, first, last] = [...city.events.values()];
  assert.deepEqual([first.type, first.body.invite], ["device.invite", await digest(secret)]);
  assert.ok(first.body.until <= Date.now() + 24 * 3600_000);
  assert.ok(last.body.invite === first.body.invite && last.body.until <= Date.now());
  assert.ok(!JSON.stringify(city.batches).includes(secret));
  assert.equal(await waitingCount(), 0);
});

test("the scanner knows an invitation of its own city, and no other's", async () => {
  const learner = newId();
  const address = joinAddress({ learner, secret: SECRET });
  assert.deepEqual(await scan(`https://city.test${address}`, { hosts: ["city.test"] }), { is: "invitation", url: address });
  assert.equal((await scan(`https://elsewhere.test${address}`, { hosts: ["city.test"] })).is, "foreign");
  assert.equal(readInvitation(`#1.${learner}.short`), null);
});

test("a second phone waits for the first, then is in", async () => {
  const city = startCity();
  const learner = newId();
  let known = false;
  city.judge = (event) =>
    event.type === "device.hello" && !known ? { state: "later", why: "learner_taken", retry_s: 60 } : { state: "ok" };
  await join({ learner, secret: SECRET });
  await requestSync();
  assert.equal((await joined(learner)).state, "waiting");
  known = true;
  await askAgain(learner);
  assert.equal((await joined(learner)).state, "joined");
  const hello = open((await itemsOf(learner))[0].p);
  assert.deepEqual([hello.seq, hello.body.invite, hello.learner], [1, SECRET, learner]);
  assert.equal(await learnerId(), learner);
});

test("whoever worked on the second phone before stays, beside the one who joins", async () => {
  const { learner: before } = await checkIn(CODE);
  const learner = newId();
  await join({ learner, secret: SECRET }, { name: "Ada", picture: "fox" });
  assert.equal(await learnerId(), learner);
  assert.deepEqual((await everyone()).map((one) => [one.learner, one.name, one.waiting]), [[before, "", 1], [learner, "Ada", 0]]);
  await switchTo(before);
  assert.equal(await waitingCount(), 1);
  for (const { p } of await itemsOf(before)) assert.equal(open(p).learner, before);
});

test("a new code replaces one that nobody let in, with nothing but itself", async () => {
  const learner = newId();
  const other = "t".repeat(43);
  await join({ learner, secret: SECRET });
  await join({ learner, secret: other });
  assert.deepEqual((await itemsOf(learner)).map(({ p }) => open(p).body.invite), [other]);
});

test("a phone that has work waiting gets in by a new code, and sends the new hello first", async () => {
  const city = startCity();
  const learner = newId();
  const other = "t".repeat(43);
  city.judge = ({ type, body }) =>
    type === "device.hello" && body.invite !== other ? { state: "later", why: "learner_taken", retry_s: 60 } : { state: "ok" };
  await join({ learner, secret: SECRET });
  const item = await checkIn(CODE);
  await requestSync();
  assert.equal((await joined(learner)).state, "waiting");
  // The server lets the old hello pass once the device is known, whatever code it has.
  city.judge = ({ type, body, device }) =>
    type === "device.hello" && body.invite !== other && !city.events.size ? { state: "later", why: "learner_taken", retry_s: 60 } : { state: "ok", effect: { device } };
  await join({ learner, secret: other });
  await requestSync();
  assert.equal((await joined(learner)).state, "joined");
  const last = city.batches.find(({ events }) => events.length === 3);
  assert.deepEqual(last.events.map((/** @type {any} */ { p }) => [open(p).type, open(p).seq]), [
    ["device.hello", 3],
    ["device.hello", 1],
    ["checkin.scan", 2],
  ]);
  assert.equal(await waitingCount(), 0);
  assert.equal(city.events.get(item.id)?.seq, 2);
  assert.equal((await itemsOf(learner)).every(({ state }) => state === "accepted"), true);
});

test("a phone that is not let in yet is told nothing, and reads everything once it is", async () => {
  const city = startCity();
  const learner = newId();
  let known = false;
  city.judge = ({ type }) => (type === "device.hello" && !known ? { state: "later", why: "learner_taken", retry_s: 60 } : { state: "ok" });
  city.say("award:1", { id: "1" });
  await join({ learner, secret: SECRET });
  assert.equal(await requestSync(), "done");
  assert.deepEqual(await cursors(learner), { [feedOf(learner)]: 0 });
  known = true;
  await askAgain(learner);
  assert.deepEqual(await cursors(learner), { [feedOf(learner)]: 1 });
  assert.ok(await (await db()).get("feed", [feedOf(learner), "award:1"]));
});
