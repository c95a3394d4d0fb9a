/** A reserved place: what the phone says before the server has answered, and after. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { claim, claimStanding } from "../../pwa/app/actions/claim.js";
import { comingReservations, giveBack, reserve, standing, standingAt } from "../../pwa/app/actions/reservations.js";
import { checkInTyped } from "../../pwa/app/actions/scan.js";
import { outbox } from "../../pwa/app/store/outbox.js";
import { requestSync as sync } from "../../pwa/app/sync/triggers.js";
import { freshPhone } from "./browser.js";
import { noNetwork, open, startCity } from "./city.js";

const HOUR = 3_600_000;
const SESSION = { occurrence: "o1", title: "Paddles", url: "/en/activities/paddles", starts: Date.now() + HOUR, ends: Date.now() + 2 * HOUR };
const ROW = /** @type {SessionRow} */ ({
  ...{ occurrence: "o1", activity: "a", state: "reserved", starts: SESSION.starts, ends: SESSION.ends, slug: "paddles" },
  ...{ title: { en: "Paddles" }, place: {}, at: new Date(Date.now() - HOUR).toISOString(), event: "e1" },
});

/** A round that began with no network may still be running. */
const requestSync = async () => {
  await sync();
  await sync();
};

beforeEach(async () => {
  await freshPhone();
  noNetwork();
});

test("asked for offline it is not yet sure, and shows in my learning with its time", async () => {
  await reserve(SESSION, null);
  assert.equal((await standingAt("o1")).state, "asked");
  assert.deepEqual((await comingReservations(Date.now())).map(({ title, state, starts }) => [title, state, starts]), [["Paddles", "asked", SESSION.starts]]);
  assert.deepEqual(await comingReservations(SESSION.ends + 1), [], "no more when it is over");
});

test("no name goes along unless it was agreed to", async () => {
  await reserve(SESSION, null);
  assert.deepEqual(open((await outbox())[0].p).body, { occurrence: "o1", name: "", picture: "" });
  await reserve(SESSION, { name: "Ada", picture: "fox" });
  assert.deepEqual(open((await outbox())[0].p).body, { occurrence: "o1", name: "Ada", picture: "fox" });
});

test("given back before it was sent there is none, and none is shown", async () => {
  await reserve(SESSION, null);
  await giveBack("o1");
  assert.equal((await standingAt("o1")).state, "giving");
  startCity();
  await requestSync();
  assert.equal((await standingAt("o1")).state, "none");
  assert.deepEqual(await comingReservations(Date.now()), []);
});

test("when all places are taken it says why", async () => {
  startCity().judge = (/** @type {any} */ { type }) => (type === "session.reserve" ? { state: "rejected", why: "full" } : { state: "ok" });
  await reserve(SESSION, null);
  await requestSync();
  const { state, why } = await standingAt("o1");
  assert.deepEqual([state, why], ["refused", "full"]);
});

test("the server's row holds, until something newer is on its way", async () => {
  assert.equal(standing("o1", ROW, []).state, "reserved");
  await giveBack("o1");
  assert.equal(standing("o1", ROW, await outbox()).state, "giving");
  const off = standing("o1", { ...ROW, state: "called_off", reason: "Ill" }, await outbox());
  assert.deepEqual([off.state, off.reason], ["called_off", "Ill"]);
});

test("a badge is asked for once, and a scan with no signal was asking too", async () => {
  const code = { point: "7QAB3CDE", proof: "10123456789ABCDEF" };
  assert.equal((await claimStanding("b1", code.point, code.proof)).asked, undefined);
  const item = await claim(code);
  assert.deepEqual(open(item.p).body, code);
  assert.equal((await claimStanding("b1", code.point, code.proof)).asked?.id, item.id);
});

test("a typed code that gives a badge asks for it, and checks in nowhere", async () => {
  const found = { activity: null, achievement: "b1", title: "Guest", url: "/s/7QAB3CDE", point: "7QAB3CDE" };
  globalThis.fetch = async (path) => {
    if (path !== "/api/typed") throw new TypeError("no network");
    return new Response(JSON.stringify(found), { headers: { "Sync-Proto": "1" } });
  };
  const outcome = await checkInTyped("7KQ3M9XJ");
  assert.equal(outcome.is, "claimed");
  const types = (await outbox()).map(({ type }) => type);
  assert.ok(types.includes("badge.claim") && !types.includes("checkin.scan"));
});
