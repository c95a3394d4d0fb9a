/** A group with one phone: each is checked in as themselves, whoever is at work; who has a PIN says yes first. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { addClass, asksFirst, changeGroup, checkInAll, group, letJoin, membersAt, readNames, rememberLast, withdraw } from "../../pwa/app/actions/group.js";
import { addPerson, setPin, switchTo } from "../../pwa/app/actions/people.js";
import { checkIn } from "../../pwa/app/actions/check-in.js";
import { arrive, scan } from "../../pwa/app/actions/scan.js";
import { atWork } from "../../pwa/app/store/device.js";
import { itemsOf } from "../../pwa/app/store/outbox.js";
import { everyone } from "../../pwa/app/store/people.js";
import { requestSync } from "../../pwa/app/sync/triggers.js";
import { freshPhone } from "./browser.js";
import { noNetwork, open, startCity } from "./city.js";

const CODE = { point: "7QAB3CDE", proof: "10123456789ABCDEF", activity: "boats" };
const POSTER = `https://leren.example/s/${CODE.point}#${CODE.proof}`;
const NAMES = ["Amina", "Bram", "Chidi"];
const scansOf = async (/** @type {string} */ learner) =>
  (await itemsOf(learner)).filter(({ type }) => type === "checkin.scan");

beforeEach(async () => {
  await freshPhone();
  noNetwork();
});

test("a scan of a group's phone keeps nothing before somebody said who is here", async () => {
  await addClass(NAMES, ["fox"]);
  await changeGroup({ on: true });
  const asked = await scan(POSTER, { hosts: ["leren.example"] });
  assert.equal(asked.is, "who");
  assert.equal((await arrive({ point: CODE.point, proof: CODE.proof, kind: "poster" }, { activity: "boats" })).is, "who");
  for (const { learner } of await everyone()) assert.equal((await itemsOf(learner)).length, 0);
});

test("each is checked in by a device, a key and a chain of their own, and the turn stays whose it was", async () => {
  const me = await addPerson({ name: "Zoe", picture: "owl" });
  await addClass(NAMES, ["fox", "boat"]);
  const before = await atWork();
  const entries = await checkInAll(CODE, await membersAt(CODE));
  assert.deepEqual(await atWork(), before);
  assert.deepEqual(entries.map(({ name, again }) => [name, again]), [["Zoe", false], ...NAMES.map((name) => [name, false])]);
  const devices = new Set();
  for (const { learner } of await everyone()) {
    const [item] = await scansOf(learner);
    const event = open(item.p);
    assert.equal(event.learner, learner);
    assert.equal(event.seq, 2, "after its own hello");
    devices.add(event.device);
  }
  assert.equal(devices.size, 4);
  assert.equal(before.learner, me);
});

test("who is in already is not checked in twice, until it was taken back", async () => {
  await addClass(NAMES, ["fox"]);
  const [first] = await checkInAll(CODE, await membersAt(CODE));
  const twice = await checkInAll(CODE, await membersAt(CODE));
  assert.deepEqual(twice.map(({ again }) => again), [true, true, true]);
  await withdraw(/** @type {string} */ (first.item));
  assert.equal((await membersAt(CODE)).find(({ learner }) => learner === first.learner)?.earlier, null);
  const third = await checkInAll(CODE, await membersAt(CODE));
  assert.deepEqual(third.map(({ again }) => again), [false, true, true]);
  assert.equal((await scansOf(first.learner)).length, 2);
});

test("all are sent, each by their own device", async () => {
  const city = startCity();
  await addClass(NAMES, ["fox"]);
  await checkInAll(CODE, await membersAt(CODE));
  await requestSync();
  await requestSync();
  const scans = [...city.events.values()].filter(({ type }) => type === "checkin.scan");
  assert.equal(new Set(scans.map(({ learner }) => learner)).size, 3);
});

test("who has a PIN asks first, says yes once, and stays behind the PIN", async () => {
  const ada = await addPerson({ name: "Ada", picture: "fox", pin: "2468" });
  const mine = async () => /** @type {import("../../pwa/app/actions/group.js").Member} */ ((await membersAt(CODE))[0]);
  assert.ok(asksFirst(await mine()));
  assert.equal(await letJoin(ada, "1111"), "wrong");
  assert.ok(asksFirst(await mine()));
  assert.equal(await letJoin(ada, "2468"), "right");
  assert.ok(!asksFirst(await mine()));
  await addPerson({ name: "Ben", picture: "boat" }).then(switchTo);
  assert.equal(await switchTo(ada, "1111"), "wrong");
  await setPin(ada, "1357");
  assert.ok(asksFirst(await mine()), "a new PIN asks again");
});

test("wrong PINs at the group count like all others", async () => {
  const ada = await addPerson({ name: "Ada", picture: "fox", pin: "2468" });
  for (let i = 0; i < 5; i++) await letJoin(ada, "1111");
  assert.equal(await letJoin(ada, "2468"), "wait");
});

test("a class list never makes one of its names of whoever worked here before", async () => {
  const { learner } = await checkIn(CODE);
  assert.equal(await addClass(NAMES, ["fox"]), 3);
  assert.equal((await everyone()).find((one) => one.learner === learner)?.name, "");
  assert.equal(await addClass(["bram", "Dunya"], ["fox"]), 1, "who is here already stays one");
});

test("what is remembered of the last time holds no names", async () => {
  await addClass(NAMES, ["fox"]);
  const entries = await checkInAll(CODE, await membersAt(CODE));
  await rememberLast({ title: "Boats", url: null }, [], entries);
  const { last } = await group();
  assert.deepEqual(last?.entries.map(({ item }) => item), entries.map(({ item }) => item));
  assert.doesNotMatch(JSON.stringify(await group()), /Amina|fox/);
});

test("names are read one a line, also from a numbered list or a table", () => {
  assert.deepEqual(readNames("1. Amina\n 2) Bram \n\n• Chidi\tgroep 5\nDe Wit; Jan\r\n- Elif"), ["Amina", "Bram", "Chidi", "De Wit", "Elif"]);
});
