/** Several learners on one device: nobody's work becomes another's, and none is wiped by a switch. */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { celebrated } from "../../pwa/app/actions/awards.js";
import { checkIn } from "../../pwa/app/actions/check-in.js";
import { rememberStop } from "../../pwa/app/actions/known.js";
import { withdraw } from "../../pwa/app/actions/outbox.js";
import { addPerson, changePerson, endTurn, forgetPin, removePerson, setPin, switchTo } from "../../pwa/app/actions/people.js";
import { recordSaved } from "../../pwa/app/actions/playlists.js";
import { answer } from "../../pwa/app/actions/tasks.js";
import { db } from "../../pwa/app/store/db.js";
import { atWork, learnerId } from "../../pwa/app/store/device.js";
import { draft, putDraft } from "../../pwa/app/store/drafts.js";
import { newId } from "../../pwa/app/store/ids.js";
import { live } from "../../pwa/app/store/live.js";
import { changeItems, itemsOf, outbox } from "../../pwa/app/store/outbox.js";
import { everyone, person } from "../../pwa/app/store/people.js";
import { ownSetting, putSetting, setting } from "../../pwa/app/store/settings.js";
import { recordEvent } from "../../pwa/app/sync/events.js";
import { requestSync } from "../../pwa/app/sync/triggers.js";
import { freshPhone } from "./browser.js";
import { noNetwork, open, startCity } from "./city.js";

const CODE = { point: "7QAB3CDE", proof: "10123456789ABCDEF" };
const QUESTION = /** @type {Task} */ ({ id: newId(), kind: "text", prompt: "?", required: true, accept: null });

const ada = () => addPerson({ name: "Ada", picture: "fox" });
const ben = () => addPerson({ name: "Ben", picture: "boat" });
const say = (/** @type {string} */ text, /** @type {any} */ begun = undefined) =>
  answer({ task: QUESTION, activity: "a", answer: { text }, begun });

beforeEach(async () => {
  await freshPhone();
  noNetwork();
});

test("the first person is the learner who works here already", async () => {
  const { learner } = await checkIn(CODE);
  assert.equal(await ada(), learner);
  assert.equal(await learnerId(), learner);
  assert.deepEqual((await everyone()).map(({ name, atWork, waiting }) => [name, atWork, waiting]), [["Ada", true, 1]]);
});

test("the first person is the learner who will work here", async () => {
  const learner = await ada();
  assert.equal((await checkIn(CODE)).learner, learner);
  assert.equal((await everyone()).length, 1);
});

test("each works in a chain of their own, and a switch wipes nothing", async () => {
  const first = await ada();
  await checkIn(CODE);
  const second = await ben();
  await switchTo(second);
  assert.deepEqual(await outbox(), []);
  assert.equal((await checkIn(CODE)).learner, second);
  await switchTo(first);
  assert.deepEqual((await outbox()).map(({ type }) => type), ["checkin.scan", "device.hello"]);
  for (const learner of [first, second])
    for (const { p } of await itemsOf(learner)) assert.equal(open(p).learner, learner);
});

test("an answer begun by one and handed in after a switch stays theirs", async () => {
  const first = await ada();
  const begun = await atWork();
  await putDraft(QUESTION.id, "Ada was here", begun);
  const second = await ben();
  await switchTo(second);
  await putDraft(QUESTION.id, "Ada was here!", begun);
  assert.equal(await draft(QUESTION.id), undefined);
  const { item } = await say("Ada was here!", begun);
  assert.equal(item.learner, first);
  assert.equal(open(item.p).learner, first);
  assert.deepEqual(await itemsOf(second), []);
  await switchTo(first);
  assert.equal(await draft(QUESTION.id), undefined);
});

test("what nobody had begun does not become the work of whoever came since", async () => {
  const begun = await atWork();
  await addPerson({ name: "Ada", picture: "fox" }, newId());
  await switchTo(await ben());
  await assert.rejects(say("whose?", begun));
  assert.deepEqual(await outbox(), []);
});

test("a first visitor's answers stay theirs while their first action makes them a learner", async () => {
  const begun = await atWork();
  await putDraft(QUESTION.id, "half a", begun);
  const { learner } = await checkIn(CODE);
  assert.equal(await draft(QUESTION.id), "half a");
  assert.equal((await say("half a word", begun)).item.learner, learner);
});

test("drafts of nobody go to the first who comes to work, and to no second", async () => {
  await putDraft("t1", "mine");
  const first = await ada();
  assert.equal(await draft("t1"), "mine");
  await switchTo(await ben());
  assert.equal(await draft("t1"), undefined);
  await endTurn();
  assert.equal(await draft("t1"), undefined);
  await putDraft("t2", "while nobody was at work");
  await switchTo(first);
  assert.deepEqual([await draft("t1"), await draft("t2")], ["mine", "while nobody was at work"]);
  await endTurn();
  assert.equal(await draft("t2"), undefined);
});

test("after the end of a turn the next action is a new learner's", async () => {
  const first = await ada();
  await checkIn(CODE);
  await endTurn();
  assert.equal(await learnerId(), null);
  const { learner } = await checkIn(CODE);
  assert.notEqual(learner, first);
  assert.deepEqual((await everyone()).map(({ name }) => name), ["Ada", ""]);
  await changePerson(learner, { name: "Cleo", picture: "owl" });
  assert.deepEqual((await everyone()).map(({ name }) => name), ["Ada", "Cleo"]);
});

test("what this browser remembered before there were people goes to the one at work, and to no other", async () => {
  const { learner } = await checkIn(CODE);
  await putSetting("celebrated", ["badge"]);
  await putSetting("synced_at", 5);
  const second = await ben(); // names the learner at work
  assert.equal(second, learner);
  await switchTo(await ada());
  assert.deepEqual([await ownSetting("celebrated"), await ownSetting("synced_at")], [undefined, undefined]);
  await celebrated("other");
  await switchTo(learner);
  assert.deepEqual([await ownSetting("celebrated"), await ownSetting("synced_at")], [["badge"], 5]);
  assert.equal(await setting("celebrated"), undefined);
});

test("taking something back is the word of whoever did it", async () => {
  const first = await ada();
  const item = await checkIn(CODE);
  await switchTo(await ben());
  assert.equal((await withdraw(item.id)).learner, first);
});

test("between two turns a playlist is kept by the device, and nobody is made up for it", async () => {
  await ada();
  await endTurn();
  assert.equal(await recordSaved({ playlist: newId(), version: "v1" }), null);
  assert.deepEqual([await learnerId(), (await everyone()).length], [null, 1]);
});

test("a switch is told to whoever looks", async () => {
  const first = await ada();
  const second = await ben();
  await checkIn(CODE);
  const mine = live(outbox, ["outbox", "settings"]);
  const stop = mine.subscribe(() => {});
  await switchTo(second);
  await new Promise((done) => setTimeout(done, 50));
  assert.deepEqual(mine.value, []);
  await switchTo(first);
  await new Promise((done) => setTimeout(done, 50));
  assert.equal(mine.value?.length, 2);
  stop();
});

test("a PIN keeps others out, is not kept as it is, and makes guessing slow", async () => {
  const first = await ada();
  await ben();
  await setPin(first, "2468");
  await endTurn();
  assert.ok(!JSON.stringify(await person(first)).includes("2468"));
  assert.ok(((await person(first))?.pin?.rounds ?? 0) >= 200_000);
  for (let i = 0; i < 5; i++) assert.equal(await switchTo(first, "1111"), "wrong");
  assert.equal(await switchTo(first, "2468"), "wait");
  assert.equal(await learnerId(), null);
  const { wait_until = 0 } = (await person(first)) ?? {};
  assert.ok(wait_until > Date.now() + 20_000);
  const tx = (await db()).transaction("people", "readwrite");
  await tx.store.put({ .../** @type {Person} */ (await tx.store.get(first)), wait_until: 0 });
  await tx.done;
  assert.equal(await switchTo(first, "1111"), "wrong");
  assert.ok(((await person(first))?.wait_until ?? 0) > Date.now() + 50_000, "each further one waits longer");
  await (await db()).put("people", { .../** @type {Person} */ (await person(first)), wait_until: 0 });
  assert.equal(await switchTo(first, "2468"), "switched");
  assert.equal((await person(first))?.wrong, 0);
});

test("a forgotten PIN goes after a day, unless it is entered before", async () => {
  const first = await ada();
  await setPin(first, "2468");
  await endTurn();
  await forgetPin(first);
  assert.equal(await switchTo(first), "wrong");
  assert.equal(await switchTo(first, "2468"), "switched");
  assert.equal((await person(first))?.pin_ends_at, null);
  await endTurn();
  await forgetPin(first);
  await (await db()).put("people", { .../** @type {Person} */ (await person(first)), pin_ends_at: Date.now() - 1 });
  assert.equal(await switchTo(first), "switched");
  assert.equal((await person(first))?.pin, null);
});

test("nobody is removed while work of theirs is only here, and nobody else is touched", async () => {
  const first = await ada();
  await checkIn(CODE);
  const second = await ben();
  await switchTo(second);
  await checkIn(CODE);
  await putDraft("t", "Ben's");
  assert.equal(await removePerson(first), 1);
  assert.equal((await itemsOf(first)).length, 2);
  await changeItems((await itemsOf(first)).map(({ id }) => id), (item) => ({ ...item, state: "accepted" }));
  assert.equal(await removePerson(first), 0);
  assert.deepEqual(await itemsOf(first), []);
  assert.equal(await (await db()).get("device", first), undefined);
  assert.deepEqual((await everyone()).map(({ name, atWork }) => [name, atWork]), [["Ben", true]]);
  assert.deepEqual([(await outbox()).length, await draft("t")], [2, "Ben's"]);
});

test("names, pictures and PINs never leave the device", async () => {
  const city = startCity();
  await addPerson({ name: "Grace Unmistakable", picture: "hedgehog", pin: "804261" });
  await checkIn(CODE);
  await say("an answer");
  await requestSync();
  assert.ok(city.batches.length > 0);
  const sent = city.batches.map((batch) => JSON.stringify([batch, batch.events.map((/** @type {any} */ e) => open(e.p))])).join();
  for (const secret of ["Unmistakable", "hedgehog", "804261"]) assert.ok(!sent.includes(secret), secret);
});

test("a clock that was set back keeps nobody out: neither a wait nor a forgotten PIN takes years", async () => {
  const first = await ada();
  await setPin(first, "2468");
  await endTurn();
  const year = Date.now() + 365 * 24 * 3600_000;
  await (await db()).put("people", { .../** @type {Person} */ (await person(first)), wrong: 9, wait_until: year, pin_ends_at: year });
  await forgetPin(first);
  assert.ok(((await person(first))?.pin_ends_at ?? 0) <= Date.now() + 24 * 3600_000);
  assert.equal(await switchTo(first, "2468"), "switched");
});

test("what is remembered in two tabs at once, or while another comes to work, becomes nobody else's and is all there", async () => {
  const [first, second] = [await ada(), await ben()];
  const stop = (/** @type {string} */ id) => ({ id, title: id, url: `/${id}` });
  await Promise.all([rememberStop(stop("a"), []), rememberStop(stop("b"), [])]);
  assert.deepEqual(Object.keys(await ownSetting("known_stops")), ["a", "b"]);
  await Promise.all([rememberStop(stop("c"), []), celebrated("badge"), switchTo(second)]);
  assert.ok(!Object.keys((await ownSetting("known_stops")) ?? {}).includes("a"));
  await switchTo(first);
  assert.ok(Object.keys(await ownSetting("known_stops")).includes("b"));
});

test("work of nobody does not become the work of who comes while its keys are made", async () => {
  const second = await ben();
  await endTurn();
  const make = crypto.subtle.generateKey.bind(crypto.subtle);
  mock.method(crypto.subtle, "generateKey", async (/** @type {any[]} */ ...how) => {
    await switchTo(second);
    return /** @type {any} */ (make)(...how);
  });
  await assert.rejects(recordEvent("checkin.scan", CODE));
  mock.restoreAll();
  assert.deepEqual(await itemsOf(second), []);
});

test("first work that is handed in after its turn ended puts nobody at work", async () => {
  const first = await ada();
  const begun = await atWork();
  await endTurn();
  const { item } = await say("late", begun);
  assert.equal(item.learner, first);
  assert.equal(await learnerId(), null);
});
