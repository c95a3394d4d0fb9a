/** A scan ends in one check-in kept on the phone, or in a clear word why not. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { commit } from "../../pwa/app/actions/codes.js";
import { stepAt, writeRotating } from "../../pwa/app/actions/rotating.js";
import { arrive, checkInTyped, scan } from "../../pwa/app/actions/scan.js";
import { changeSavedPlaylist } from "../../pwa/app/store/bundles.js";
import { outbox } from "../../pwa/app/store/outbox.js";
import { freshPhone } from "./browser.js";
import { noNetwork } from "./city.js";

const HOSTS = ["leren.example"];
const POINT = "7K3M9QXT";
const SECRET = "2F4G6H8JKMNPQRST";
const POSTER = `https://leren.example/s/${POINT}#1${SECRET}`;
const YESTERDAY = Math.floor(Date.now() / 1000) - 86400;

beforeEach(async () => {
  await freshPhone();
  noNetwork();
});

/** @param {[number, number] | null} window */
async function saveMuseum(window = null) {
  const stop = { id: "boats", title: "The boat hall", url: "/en/activities/boats", tasks: [] };
  const commitment = await commit(POINT, window, SECRET);
  const code = { point: POINT, activity: "boats", level: window ? 2 : 1, window, commitment, hint: "7K" };
  await changeSavedPlaylist("museum", (row) => ({
    ...row,
    bundle: /** @type {any} */ ({ activities: [stop], codes: [code] }),
  }));
}

const checkIns = async () => (await outbox()).filter((item) => item.type === "checkin.scan");

test("a genuine code checks in with no network and leads to the saved stop", async () => {
  await saveMuseum();
  const outcome = await scan(POSTER, { hosts: HOSTS });
  assert.equal(outcome.is, "checked-in");
  assert.deepEqual("stop" in outcome && outcome.stop, {
    title: "The boat hall",
    url: "/en/activities/boats",
  });
  const [{ body, state, local }] = await checkIns();
  assert.deepEqual(body, { point: POINT, proof: `1${SECRET}`, typed: null, activity: "boats" });
  assert.equal(state, "saved");
  assert.equal(local, "genuine");
});

test("the same code scanned twice counts once and says so", async () => {
  await scan(POSTER, { hosts: HOSTS });
  const second = await scan(POSTER, { hosts: HOSTS });
  assert.ok(second.is === "checked-in" && second.again);
  assert.equal((await checkIns()).length, 1);
});

test("a code that this phone knows nothing of is kept, and its page asked for without the proof", async () => {
  const outcome = await scan(POSTER, { hosts: HOSTS });
  assert.deepEqual("stop" in outcome && outcome.stop, { title: "", url: `/s/${POINT}` });
  assert.equal((await checkIns()).length, 1);
});

test("a copied code is doubted before anything is kept, and kept only when the person insists", async () => {
  await saveMuseum();
  const copied = POSTER.replace("2F4G", "0000");
  const doubt = await scan(copied, { hosts: HOSTS });
  assert.ok(doubt.is === "doubtful" && doubt.finding === "wrong");
  assert.equal((await checkIns()).length, 0);
  assert.equal((await scan(copied, { hosts: HOSTS, anyway: true })).is, "checked-in");
});

test("yesterday's code is doubted with the time it counted", async () => {
  const window = /** @type {[number, number]} */ ([YESTERDAY, YESTERDAY + 3600]);
  await saveMuseum(window);
  const doubt = await scan(POSTER.replace("#1", "#2"), { hosts: HOSTS });
  assert.ok(doubt.is === "doubtful" && doubt.finding === "closed");
  assert.deepEqual(doubt.window, window);
});

test("a foreign code is named by its host and never kept", async () => {
  assert.deepEqual(await scan("https://evil.example/s/x?y", { hosts: HOSTS }), {
    is: "foreign",
    host: "evil.example",
  });
  assert.deepEqual(await scan("WIFI:S:museum;;", { hosts: HOSTS }), { is: "foreign", host: null });
  assert.deepEqual(await scan("hello", { hosts: HOSTS }), { is: "foreign", host: null });
  assert.equal((await checkIns()).length, 0);
});

test("somebody's pass is for the door: nothing is kept", async () => {
  assert.deepEqual(await scan(`HTTPS://LEREN.EXAMPLE/P#4${"1".repeat(199)}`, { hosts: HOSTS }), { is: "pass" });
  assert.equal((await checkIns()).length, 0);
});

test("a rotating code of a saved stop checks in; whether it was fresh is for the server to say", async () => {
  await saveMuseum();
  await changeSavedPlaylist("museum", (row) => ({
    ...row,
    bundle: row.bundle && {
      ...row.bundle,
      codes: row.bundle.codes.map((code) => ({ ...code, level: 3, commitment: null })),
    },
  }));
  const fresh = await writeRotating(new Uint8Array(32), POINT, stepAt(Date.now()));
  const outcome = await scan(`https://leren.example/s/${POINT}#${fresh}`, { hosts: HOSTS });
  assert.equal(outcome.is, "checked-in");
  assert.equal((await checkIns())[0].local, "later");
});

test("a kind of proof from the future asks for an update", async () => {
  assert.deepEqual(await scan(POSTER.replace("#1", "#7"), { hosts: HOSTS }), { is: "newer" });
});

test("a typed code is kept with no network, and a second time counts once", async () => {
  const first = await checkInTyped("7KQ3M9XJ");
  assert.ok(first.is === "checked-in" && !first.again && first.stop.url === null);
  const second = await checkInTyped("7KQ3M9XJ");
  assert.ok(second.is === "checked-in" && second.again);
  assert.equal((await checkIns()).length, 1);
});

test("a typed code that the server does not know is not kept", async () => {
  globalThis.fetch = async () =>
    new Response("{}", {
      status: 404,
      headers: { "Sync-Proto": "1", "Content-Type": "application/problem+json" },
    });
  assert.deepEqual(await checkInTyped("7KQ3M9XJ"), { is: "unknown" });
  assert.equal((await checkIns()).length, 0);
});

test("arriving twice by the same code is one arrival", async () => {
  const code = /** @type {const} */ ({ point: POINT, proof: `1${SECRET}`, kind: "poster" });
  const first = await arrive(code, { activity: "boats" });
  const second = await arrive(code, { activity: "boats" });
  assert.ok(first.is === "here" && second.is === "here");
  assert.equal(second.again, true);
  assert.equal(second.item?.id, first.item?.id);
});
