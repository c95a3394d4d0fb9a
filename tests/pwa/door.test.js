/** What a door's screen says: two doors are one list, the server's word and the door's both stand, and nothing is dropped. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { codeAt } from "../../pwa/app/actions/door-code.js";
import { writeCsv } from "../../pwa/app/actions/door-csv.js";
import { doorAddress, readDoorLink, wayToDoor } from "../../pwa/app/actions/door-links.js";
import { lookAtCode } from "../../pwa/app/actions/door-pass.js";
import { rowOfPass, viewOf } from "../../pwa/app/actions/door-view.js";
import { passAddress, writeExtra, writePass } from "../../pwa/app/actions/passes.js";
import { parseCode } from "../../pwa/app/actions/codes.js";
import { readStep, stepAt, STEP_MS } from "../../pwa/app/actions/rotating.js";
import { newId } from "../../pwa/app/store/ids.js";
import { toBase64url } from "../../pwa/app/sync/bytes.js";
import { makeKeys, sign } from "../../pwa/app/sync/keys.js";

const HOST = "city.example";
const [OWN, OTHER] = [newId(), newId()];
const T = Date.UTC(2026, 10, 26, 18);

/** @param {any} [change] @returns {any} */
const reply = (change = {}) => ({
  occurrence: { capacity: 3 },
  point: "7QAB3CDE",
  hint: "7Q",
  window: [T / 1000 - 86_400, T / 1000 + 86_400],
  days: [],
  entries: [],
  expected: [],
  ...change,
});

/** @param {any} [change] @returns {any} */
const entry = (change = {}) => ({ id: newId(), learner: newId(), devices: [], event: newId(), name: "", picture: "", why: "", way: "pass", at: T, over: false, state: "in", by: OTHER, ...change });

/** @param {any} body @param {any} [change] @returns {any} */
const item = (body, change = {}) => ({ id: newId(), type: body.event || body.entry ? "checkin.undo" : "checkin.confirm", at: T, body, state: "saved", effect: null, why: null, local: null, decided_at: null, seq: 1, ...change });

/** @param {any} said @param {any[]} [items] */
const view = (said, items = []) => viewOf({ reply: said, fetched_at: T }, items, OWN);

async function pass({ device = newId(), at = T, extra = "", host = HOST } = {}) {
  const keys = await makeKeys();
  const fragment = await writePass({ host, step: stepAt(at), extra }, { device, sign: (bytes) => sign(keys, bytes) });
  return { fragment, device, text: passAddress(`https://${host}`, fragment) };
}

test("the same learner let in at two doors counts once, and the row says so", () => {
  const theirs = entry();
  const mine = item({ learner: theirs.learner });
  const { rows, count } = view(reply({ entries: [theirs] }), [mine]);
  assert.deepEqual([count, rows.length, rows[0].where], [1, 1, "both"]);
});

test("a pass that another door has taken is one person as soon as the server says whose it is", async () => {
  const theirs = entry();
  const { fragment } = await pass();
  const before = view(reply({ entries: [theirs] }), [item({ pass: fragment })]);
  assert.equal(before.count, 2);
  const answered = item({ pass: fragment }, { state: "accepted", decided_at: T - 1, effect: { learner: theirs.learner, already: true } });
  assert.equal(view(reply({ entries: [theirs] }), [answered]).count, 1);
});

test("what this phone has let in and the server lists is one row", () => {
  const mine = item({ guest: "Mo" }, { state: "accepted", decided_at: T - 1 });
  const { rows, count } = view(reply({ entries: [entry({ event: mine.id, learner: null, by: OWN, name: "Mo", way: "guest" })] }), [mine]);
  assert.deepEqual([count, rows.length, rows[0].where, rows[0].sent], [1, 1, "here", "confirmed"]);
});

test("a pass whose phone the server knows is the person who is in at the other door, with no network", async () => {
  const { fragment, device } = await pass();
  const theirs = entry({ devices: [newId(), device] });
  const before = view(reply({ entries: [theirs] }));
  assert.equal(rowOfPass(before, device)?.where, "other");
  const { rows, count } = view(reply({ entries: [theirs] }), [item({ pass: fragment })]);
  assert.deepEqual([count, rows[0].where], [1, "both"]);
});

test("who has reserved is known by their pass", async () => {
  const { fragment, device } = await pass();
  const { rows, expected } = view(reply({ expected: [{ learner: newId(), devices: [device], name: "Ada", picture: "fox" }] }), [item({ pass: fragment })]);
  assert.deepEqual([expected, rows.length, rows[0].name], [0, 1, "Ada"]);
});

test("two guests of one name are two people", () => {
  assert.equal(view(reply(), [item({ guest: "" }), item({ guest: "" })]).count, 2);
});

test("a pass that is in already is known with no network", async () => {
  const { fragment, device } = await pass();
  const seen = view(reply(), [item({ pass: fragment })]);
  assert.equal(rowOfPass(seen, device)?.at, T);
  assert.equal(rowOfPass(seen, newId()), undefined);
});

test("who has reserved is expected until they are in, and again nobody twice", () => {
  const [ada, omar] = [{ learner: newId(), devices: [newId()], name: "Ada", picture: "fox" }, { learner: newId(), devices: [], name: "Omar", picture: "" }];
  const { rows, expected, count } = view(reply({ expected: [omar, ada] }), [item({ learner: ada.learner })]);
  assert.deepEqual([expected, count], [1, 1]);
  assert.deepEqual(rows.map(({ name, state }) => [name, state]), [["Ada", "in"], ["Omar", "expected"]]);
  assert.equal(rows[0].picture, "fox");
});

test("who is taken back does not count, and may be let in again", () => {
  const first = item({ learner: newId() });
  const undo = item({ event: first.id }, { seq: 2 });
  assert.equal(view(reply(), [first, undo]).count, 0);
  const again = item({ learner: first.body.learner }, { seq: 3 });
  const { rows, count } = view(reply(), [first, undo, again]);
  assert.deepEqual([count, rows.length, rows[0].event], [1, 1, again.id]);
});

test("what the server has not heard of yet stands against what it last said", () => {
  const theirs = entry();
  const undo = item({ entry: theirs.id });
  assert.equal(view(reply({ entries: [theirs] }), [undo]).count, 0);
  const answered = { ...undo, state: "accepted", decided_at: T - 1 };
  assert.equal(view(reply({ entries: [theirs] }), [answered]).count, 1, "the server has heard it and says in");
  const since = { ...undo, state: "accepted", decided_at: T + 1 };
  assert.equal(view(reply({ entries: [theirs] }), [since]).count, 0);
});

test("an undo that the server refuses leaves them in, and says so", () => {
  const theirs = entry();
  const { rows, count } = view(reply({ entries: [theirs] }), [item({ entry: theirs.id }, { state: "declined", why: "door_closed", decided_at: T - 1 })]);
  assert.deepEqual([count, rows[0].keptIn], [1, true]);
});

test("whom the server refuses stays on the list with the reason, and is not counted", () => {
  const { rows, count, refused } = view(reply(), [item({ learner: newId() }, { state: "declined", why: "wrong_pass", decided_at: T - 1 })]);
  assert.deepEqual([count, refused, rows[0].state, rows[0].why], [0, 1, "refused", "wrong_pass"]);
});

test("whom the city took back later is shown, with its reason", () => {
  const mine = item({ learner: newId() }, { state: "accepted", decided_at: T - 1 });
  const { rows, count } = view(reply({ entries: [entry({ event: mine.id, learner: mine.body.learner, by: OWN, state: "voided", why: "A shared pass" })] }), [mine]);
  assert.deepEqual([count, rows.length, rows[0].state, rows[0].why], [0, 1, "removed", "A shared pass"]);
});

test("at capacity the door is full, and who is let in beyond it is counted and marked", () => {
  const three = [entry(), entry(), entry()];
  assert.equal(view(reply({ entries: three })).full, true);
  const { count, over, unsent } = view(reply({ entries: three }), [item({ guest: "Mo" }, { local: "over" })]);
  assert.deepEqual([count, over, unsent], [4, 1, 1]);
  assert.equal(view(reply({ occurrence: { capacity: null }, entries: three })).full, false);
});

test("a pass is fresh for two minutes by the corrected clock, whatever this phone's says", async () => {
  const { text, device } = await pass({ at: T });
  const seen = (/** @type {number} */ now) => /** @type {any} */ (lookAtCode(text, { hosts: [HOST], now }));
  assert.deepEqual([seen(T).is, seen(T).device], ["pass", device]);
  for (const [steps, fresh] of /** @type {[number, boolean][]} */ ([[0, true], [4, true], [-4, true], [5, false], [-5, false], [400, false]]))
    assert.equal(seen(T + steps * STEP_MS).fresh, fresh, `${steps} steps`);
});

test("a pass shows a name and a picture only when the learner agreed", async () => {
  const { text } = await pass({ extra: writeExtra("fox", "Noor") });
  const look = (/** @type {string} */ one) => /** @type {any} */ (lookAtCode(one, { hosts: [HOST], now: T }));
  assert.deepEqual([look(text).name, look(text).picture], ["Noor", "fox"]);
  assert.deepEqual([look((await pass()).text).name, look((await pass()).text).picture], ["", ""]);
});

test("what is no pass is called what it is", async () => {
  const look = (/** @type {string} */ text) => lookAtCode(text, { hosts: [HOST], now: T });
  const { text } = await pass();
  assert.equal(look(text.slice(0, -1)).is, "wrong");
  assert.equal(look((await pass({ host: "elsewhere.example" })).text).is, "foreign");
  assert.equal(look(`https://${HOST}/s/7QAB3CDE#10123456789ABCDEF`).is, "stop");
  assert.equal(look(`https://${HOST}/en/join#1.x`).is, "invitation");
  assert.equal(look(`https://${HOST}/nl/door#x.y`).is, "door");
  assert.equal(look(`https://${HOST}/credentials/1`).is, "ours");
  assert.equal(look(`https://${HOST}/P#9123`).is, "newer");
  assert.deepEqual(look("hello"), { is: "foreign", host: null });
});

test("a screen's code changes on the half minute of the corrected clock, and ends with the session", async () => {
  const key = toBase64url(crypto.getRandomValues(new Uint8Array(32)));
  const said = reply({ days: [{ day: "2026-11-26", key }], window: [T / 1000 - 60, T / 1000 + 60] });
  const shown = async (/** @type {number} */ now) => /** @type {any} */ (await codeAt({ reply: said }, now, `https://${HOST}`));
  const [one, same, next] = [await shown(T), await shown(T + STEP_MS - 1), await shown(T + STEP_MS)];
  assert.equal(one.address, same.address);
  assert.notEqual(one.address, next.address);
  assert.equal(one.ends, T + STEP_MS);
  assert.equal(one.typed, next.typed, "the typed form holds for two minutes");
  const code = /** @type {any} */ (parseCode(one.address, [HOST]));
  assert.deepEqual([code.kind, code.point, readStep(code.proof)], ["rotating", said.point, stepAt(T)]);
  assert.deepEqual(await shown(T - 61_000), { is: "early", opens: T - 60_000 });
  assert.deepEqual(await shown(T + 60_000), { is: "over" });
  assert.deepEqual(await codeAt({ reply: reply() }, T, "x"), { is: "none" });
  assert.deepEqual(await codeAt({ reply: reply({ ...said, point: "" }) }, T, "x"), { is: "none" });
});

test("a session over midnight takes the key of the day on both sides", async () => {
  const midnight = Date.UTC(2026, 10, 27);
  const days = ["2026-11-26", "2026-11-27"].map((day) => ({ day, key: toBase64url(crypto.getRandomValues(new Uint8Array(32))) }));
  const at = async (/** @type {number} */ now, /** @type {any[]} */ keys) => (await codeAt({ reply: reply({ days: keys }) }, now, "https://x")).is;
  assert.equal(await at(midnight - 1, [days[0]]), "code");
  assert.equal(await at(midnight, [days[0]]), "none");
  assert.equal(await at(midnight, [days[1]]), "code");
});

test("a door's link is read whole or not at all", () => {
  const link = `${newId()}.${"s".repeat(43)}`;
  assert.equal(readDoorLink(new URL(doorAddress(link, "https://x.test")).hash), link);
  for (const broken of ["", "#", `#${link.slice(0, 40)}`, `#${link}.x`, "#1.2"]) assert.equal(readDoorLink(broken), null);
  assert.equal(wayToDoor(`https://x.test/nl/door#${link}`, ["x.test"]), `/en/door#${link}`);
  for (const other of [`https://y.test/nl/door#${link}`, `https://x.test/nl/join#${link}`, "https://x.test/nl/door", "x"]) assert.equal(wayToDoor(other, ["x.test"]), null);
});

test("no name in a list becomes a formula in a spreadsheet", () => {
  const text = writeCsv([["Name"], ["=1+1"], ['+31 "x", y'], ["@a"], ["-1"], ["\t=1"], ["Zoë"]]);
  assert.equal(text, "\ufeffName\r\n'=1+1\r\n\"'+31 \"\"x\"\", y\"\r\n'@a\r\n'-1\r\n'\t=1\r\nZoë\r\n");
});
