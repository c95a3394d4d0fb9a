/** A pass is made on the phone, new every 30 seconds; what the door answers counts once, for whom it was. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { checkIn } from "../../pwa/app/actions/check-in.js";
import { agree, beginPass, confirmations, makePass, showPass, takeAnswer } from "../../pwa/app/actions/pass.js";
import { isPassSigned, readPass, writeReceipt } from "../../pwa/app/actions/passes.js";
import { stepAt, writeRotating } from "../../pwa/app/actions/rotating.js";
import { arrive, scan } from "../../pwa/app/actions/scan.js";
import { addPerson, switchTo } from "../../pwa/app/actions/people.js";
import { changeSavedPlaylist } from "../../pwa/app/store/bundles.js";
import { compareClock, serverNow } from "../../pwa/app/store/clock.js";
import { db } from "../../pwa/app/store/db.js";
import { device, learnerId } from "../../pwa/app/store/device.js";
import { feedOf } from "../../pwa/app/store/feed.js";
import { changeItems, needing, outbox } from "../../pwa/app/store/outbox.js";
import { activityProgress } from "../../pwa/app/store/progress.js";
import { publicJwk, makeKeys, sign } from "../../pwa/app/sync/keys.js";
import { newId } from "../../pwa/app/store/ids.js";
import { freshPhone } from "./browser.js";
import { noNetwork } from "./city.js";

const HOST = "leren.example";
const POINT = "7K3M9QXT";
const KEY = new Uint8Array(32);
const SESSION = { id: "monday", activity: "boats", starts: Date.now() - 600_000, ends: Date.now() + 3600_000, point: POINT };

globalThis.HTMLLinkElement ??= /** @type {any} */ (class {});
globalThis.location = /** @type {any} */ (new URL(`https://${HOST}/en/pass`));

beforeEach(async () => {
  await freshPhone();
  noNetwork();
});

/** @returns {Promise<string>} a learner with a pass */
async function begin() {
  await beginPass();
  return /** @type {string} */ (await learnerId());
}

/** @param {{address: string}} pass */
function read({ address }) {
  const pass = readPass(new URL(address).hash.slice(1));
  assert.ok(pass);
  return pass;
}

/** What the door's phone shows to a learner's. @param {string} learner @param {number} [step] */
async function answer(learner, step = Math.floor(Date.now() / 30_000)) {
  const keys = await makeKeys();
  const signer = { device: newId(), sign: (/** @type {any} */ bytes) => sign(keys, bytes) };
  const learnerDevice = (await device(learner))?.device ?? "";
  return `HTTPS://LEREN.EXAMPLE/S/${POINT}#${await writeReceipt({ host: HOST, point: POINT, learnerDevice, step }, signer)}`;
}

async function saveSession() {
  const stop = { id: "boats", title: "The boat hall", url: "/en/activities/boats", tasks: [] };
  const code = { point: POINT, activity: "boats", occurrence: "monday", level: 3, window: null, commitment: null, hint: "7K" };
  await changeSavedPlaylist("museum", (row) => ({
    ...row,
    bundle: /** @type {any} */ ({ activities: [stop], codes: [code], sessions: [SESSION] }),
  }));
}

/** @param {string} learner @param {any} row */
async function say(learner, row) {
  const key = `checkin:${row.activity}:${row.occurrence}`;
  await (await db()).put("feed", { feed: feedOf(learner), key, ver: 1, row: { point: null, time: "claimed", ...row } });
}

const scans = async (/** @type {string} */ learner) => (await outbox(learner)).filter(({ type }) => type === "checkin.scan");

test("a pass is signed by this phone's key for this city, in capitals and with no name", async () => {
  const learner = await begin();
  const made = await makePass(learner);
  const [pass, row] = [read(made), await device(learner)];
  assert.match(made.address, /^HTTPS:\/\/LEREN\.EXAMPLE\/P#4\d{199}$/);
  assert.equal(pass.device, row?.device);
  assert.equal(pass.step, Math.floor(Date.now() / 30_000));
  assert.equal(pass.name, "");
  assert.ok(row && (await isPassSigned(pass, HOST, await publicJwk(row.keys))));
  assert.ok(!(await isPassSigned(pass, "elsewhere.example", await publicJwk(row.keys))));
  assert.ok(made.left > 0 && made.left <= 30_000);
});

test("after 30 seconds it is another one", async () => {
  const learner = await begin();
  const [first, now] = [read(await makePass(learner)), Date.now];
  try {
    Date.now = () => now() + 30_000;
    assert.equal(read(await makePass(learner)).step, first.step + 1);
  } finally {
    Date.now = now;
  }
});

test("a phone whose clock is wrong makes the pass of the server's time, as far as it has heard it", async () => {
  const learner = await begin();
  await compareClock(Date.now() + 7 * 60_000, Date.now(), Date.now());
  assert.equal(read(await makePass(learner)).step, Math.floor((Date.now() + 7 * 60_000) / 30_000));
});

test("an answer that was long on its way says nothing about the clock", async () => {
  await compareClock(Date.now() + 7 * 60_000, Date.now() - 20_000, Date.now());
  assert.ok(Math.abs((await serverNow()) - Date.now()) < 1000);
});

test("name and picture are in it only as long as the learner agrees, each learner for themselves", async () => {
  const [noor, ben] = [await addPerson({ name: "Noor", picture: "owl" }), await addPerson({ name: "Ben", picture: "boat" })];
  assert.equal(read(await makePass(noor)).name, "");
  await agree(noor, true);
  const { name, picture } = read(await makePass(noor));
  assert.deepEqual([name, picture], ["Noor", "owl"]);
  assert.equal(read(await makePass(ben)).name, "");
  await agree(noor, false);
  assert.equal(read(await makePass(noor)).name, "");
});

test("the longest name that a person may have here fits", async () => {
  const learner = await addPerson({ name: "🦊".repeat(30), picture: "lighthouse" });
  await agree(learner, true);
  assert.equal(read(await makePass(learner)).name, "🦊".repeat(30));
});

test("a door's answer is kept once, with its proof, by the learner whose pass was scanned", async () => {
  const [noor, ben] = [await addPerson({ name: "Noor", picture: "owl" }), await addPerson({ name: "Ben", picture: "boat" })];
  await switchTo(ben);
  await makePass(noor);
  const text = await answer(noor);
  assert.deepEqual(await takeAnswer(text, noor), { is: "kept", again: false });
  assert.deepEqual(await takeAnswer(await answer(noor), noor), { is: "kept", again: true });
  const [{ body, learner }, ...more] = await scans(noor);
  assert.deepEqual([body.point, body.proof, learner, more.length], [POINT, text.split("#")[1], noor, 0]);
  assert.equal((await scans(ben)).length, 0);
  assert.equal(await learnerId(), ben, "nobody's turn was changed");
});

test("a code of a stop is no door's answer", async () => {
  const learner = await begin();
  assert.deepEqual(await takeAnswer(`https://${HOST}/s/${POINT}#10123456789ABCDEF`, learner), { is: "other" });
  assert.deepEqual(await takeAnswer("https://evil.example/s/x", learner), { is: "foreign" });
  assert.equal((await scans(learner)).length, 0);
});

test("an answer that a camera or the scanner opens is for the one whose pass was shown last", async () => {
  const [noor, ben] = [await addPerson({ name: "Noor", picture: "owl" }), await addPerson({ name: "Ben", picture: "boat" })];
  await switchTo(ben);
  await makePass(noor);
  await showPass(noor);
  const outcome = await scan(await answer(noor), { hosts: [HOST] });
  assert.ok(outcome.is === "checked-in" && outcome.kind === "receipt");
  assert.equal((await scans(noor)).length, 1);
  const proof = (await answer(noor)).split("#")[1];
  const arrived = await arrive({ point: POINT, proof, kind: "receipt" }, { activity: null });
  assert.ok(arrived.is === "here");
  assert.equal(arrived.learner, ben, "who sees it is at work");
  assert.equal((await scans(ben)).length, 0);
});

test("the answer and the server's word are one confirmation, whichever comes first", async () => {
  await saveSession();
  const learner = await begin();
  await makePass(learner);
  assert.deepEqual(await confirmations(learner), []);
  await say(learner, { activity: "boats", occurrence: "monday", level: 4, at: new Date().toISOString(), event: "door's", point: POINT });
  const [theirs, ...none] = await confirmations(learner);
  assert.deepEqual([theirs.title, theirs.item, none.length], ["The boat hall", undefined, 0]);
  await takeAnswer(await answer(learner), learner);
  const [mine, ...more] = await confirmations(learner);
  assert.deepEqual([mine.title, mine.item?.state, more.length], ["The boat hall", "saved", 0]);
});

test("a door that takes its word back is heard of, though the server had accepted its answer before", async () => {
  const learner = await begin();
  await makePass(learner);
  await takeAnswer(await answer(learner), learner);
  const [{ id }] = await scans(learner);
  const told = async () => (await confirmations(learner)).map(({ item }) => [item?.state, item?.why ?? ""]);
  await changeItems([id], (item) => ({ ...item, state: "accepted", effect: { activity: "boats", occurrence: "monday", level: 4 } }));
  await say(learner, { activity: "boats", occurrence: "monday", level: 4, at: new Date().toISOString(), event: id, point: null });
  assert.deepEqual(await told(), [["accepted", ""]]);
  await (await db()).delete("feed", [feedOf(learner), "checkin:boats:monday"]);
  assert.deepEqual(await told(), [["declined", "undone"]]);
  assert.equal(needing(await outbox(learner)).length, 1, "it is the learner's to see");
  assert.deepEqual(await takeAnswer(await answer(learner), learner), { is: "kept", again: false }, "they may be let in again");
  await changeItems([id], (item) => ({ ...item, replay: true }));
  assert.equal((await outbox(learner)).find((one) => one.id === id)?.state, "accepted", "a restored server has not said it yet");
});

test("a scan that leant on a door's word goes with it", async () => {
  const learner = await begin();
  const { id } = await checkIn({ point: POINT, proof: "2SECRET0000000001" });
  const effect = { activity: "boats", occurrence: "monday", level: 4, already: true };
  await changeItems([id], (item) => ({ ...item, state: "accepted", effect }));
  const states = async () => (await scans(learner)).map(({ state, why }) => [state, why ?? ""]);
  await say(learner, { activity: "boats", occurrence: "monday", level: 4, at: new Date().toISOString(), event: "door", point: null });
  assert.deepEqual(await states(), [["accepted", ""]]);
  await (await db()).delete("feed", [feedOf(learner), "checkin:boats:monday"]);
  assert.deepEqual(await states(), [["declined", "undone"]]);
  await changeItems([id], (item) => ({ ...item, effect: { ...effect, already: undefined } }));
  assert.deepEqual(await states(), [["accepted", ""]], "a scan that counted by itself was taken off by nobody");
});

test("a check-in at a session does the activity's check-in task", async () => {
  const row = { activity: "boats", occurrence: "monday", level: 4, event: "e", at: "2026-11-26T10:00:00Z" };
  const task = /** @type {any} */ ({ id: "t", kind: "checkin", required: true });
  const feed = [{ feed: "f", key: "checkin:boats:monday", ver: 1, row }];
  const progress = activityProgress({ id: "boats", tasks: [task] }, feed, []);
  assert.deepEqual([progress.checkedIn, progress.tasks.t.state], [true, "done"]);
  assert.equal(activityProgress({ id: "boa", tasks: [task] }, feed, []).checkedIn, false);
});

test("at a session a second code on the screen is the same check-in, and a door's answer is worth another", async () => {
  await saveSession();
  const now = stepAt(Date.now());
  const shown = async (/** @type {number} */ step) => `https://${HOST}/s/${POINT}#${await writeRotating(KEY, POINT, step)}`;
  const first = await scan(await shown(now), { hosts: [HOST] });
  assert.ok(first.is === "checked-in" && !first.again && first.kind === "rotating");
  assert.deepEqual(first.stop.session, SESSION);
  const second = await scan(await shown(now - 1), { hosts: [HOST] });
  assert.ok(second.is === "checked-in" && second.again);
  const learner = /** @type {string} */ (await learnerId());
  const third = await scan(await answer(learner), { hosts: [HOST] });
  assert.ok(third.is === "checked-in" && !third.again);
});

test("a rotating code of another time is doubted before it is kept", async () => {
  await saveSession();
  const old = `https://${HOST}/s/${POINT}#${await writeRotating(KEY, POINT, stepAt(Date.now()) - 20)}`;
  const doubt = await scan(old, { hosts: [HOST] });
  assert.ok(doubt.is === "doubtful" && doubt.finding === "closed" && doubt.kind === "rotating");
  assert.equal((await outbox()).length, 0);
});

test("somebody else's pass is said to be one", async () => {
  const learner = await begin();
  assert.deepEqual(await scan((await makePass(learner)).address, { hosts: [HOST] }), { is: "pass" });
});
