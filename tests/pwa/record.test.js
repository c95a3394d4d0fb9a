/** What is recorded is on the disk, in one chain, whoever records it. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { checkIn } from "../../pwa/app/actions/check-in.js";
import { answer, handIn } from "../../pwa/app/actions/tasks.js";
import { storedBlob } from "../../pwa/app/store/blobs.js";
import { dbIfAny } from "../../pwa/app/store/db.js";
import { device, learnerId } from "../../pwa/app/store/device.js";
import { draft, putDraft } from "../../pwa/app/store/drafts.js";
import { newId } from "../../pwa/app/store/ids.js";
import { outbox, waitingCount } from "../../pwa/app/store/outbox.js";
import { recordEvent } from "../../pwa/app/sync/events.js";
import { freshPhone, reopen } from "./browser.js";
import { digest, noNetwork, open } from "./city.js";

// The same module again: a second tab, with its own queue but the same database.
const otherTab = await import(/** @type {any} */ ("../../pwa/app/sync/events.js?tab=2"));

const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

beforeEach(async () => {
  await freshPhone();
  noNetwork();
});

test("a visitor who has done nothing leaves nothing on the phone", async () => {
  assert.equal(await learnerId(), null);
  assert.deepEqual(await outbox(), []);
  assert.equal(await waitingCount(), 0);
  assert.equal(await dbIfAny(), null);
  assert.deepEqual(await indexedDB.databases(), []);
});

test("a recorded check-in survives a closed browser", async () => {
  const item = await checkIn({ point: "7QAB3CDE", proof: "10123456789ABCDEF", activity: newId() });
  await reopen();
  const [kept, hello] = await outbox();
  assert.equal(kept.id, item.id);
  assert.equal(kept.state === "saved" || kept.state === "sending", true);
  assert.equal(hello.type, "device.hello");
  assert.equal(await waitingCount(), 1);
});

test("events form one chain when two tabs record at the same time", async () => {
  const bodies = Array.from({ length: 12 }, (_, n) => n);
  await Promise.all(
    bodies.map((n) =>
      (n % 2 ? otherTab.recordEvent : recordEvent)("feedback.give", {
        activity: newId(),
        stars: 1 + (n % 5),
      }),
    ),
  );
  const chain = (await outbox()).reverse();
  assert.deepEqual(
    chain.map((item) => item.seq),
    Array.from({ length: 13 }, (_, n) => n + 1),
  );
  assert.equal(chain.filter((item) => item.type === "device.hello").length, 1);
  let prev = "";
  for (const { p, learner, device: whose, seq } of chain) {
    const envelope = open(p);
    assert.deepEqual(
      [envelope.prev, envelope.seq, envelope.learner, envelope.device],
      [prev, seq, learner, whose],
    );
    prev = await digest(p);
  }
  assert.equal((await device())?.prev, prev);
});

test("an envelope has every field of the protocol, and nothing else", async () => {
  const { p } = await recordEvent("feedback.give", { activity: newId(), stars: 5 });
  const envelope = open(p);
  assert.deepEqual(Object.keys(envelope), [
    "v",
    "id",
    "learner",
    "device",
    "seq",
    "prev",
    "type",
    "tv",
    "at",
    "body",
    "blobs",
    "needs",
  ]);
  assert.deepEqual(Object.keys(envelope.at), ["wall", "mono", "boot", "tz", "anchor"]);
  for (const id of [envelope.id, envelope.learner, envelope.device]) assert.match(id, UUID7);
  assert.ok(Number.isInteger(envelope.at.wall) && Number.isInteger(envelope.at.tz));
});

test("the device's key cannot leave the phone", async () => {
  await recordEvent("feedback.give", { activity: newId(), stars: 5 });
  const keys = /** @type {DeviceRow} */ (await device()).keys;
  assert.equal(keys.privateKey.extractable, false);
  await assert.rejects(crypto.subtle.exportKey("jwk", keys.privateKey));
});

test("a photo is stored with its event, and its draft goes", async () => {
  const task = newId();
  await putDraft(task, { text: "half a sen" });
  const photo = new Uint8Array([1, 2, 3]).buffer;
  const item = await handIn({ task, activity: newId(), text: "whole", files: [{ bytes: photo, mime: "image/jpeg" }] });
  const blob = await storedBlob(item.body.files[0]);
  assert.deepEqual(new Uint8Array(/** @type {StoredBlob} */ (blob).bytes), new Uint8Array([1, 2, 3]));
  assert.deepEqual(open(item.p).blobs, [{ sha256: item.body.files[0], size: 3, mime: "image/jpeg" }]);
  assert.equal(await draft(task), undefined);
});

test("an answer says at once what the phone makes of it", async () => {
  const task = /** @type {Task} */ ({
    id: newId(),
    kind: "text",
    prompt: "?",
    required: true,
    salt: "s",
    accept: [],
  });
  const { item, verdict } = await answer({ task, activity: newId(), answer: { text: "no" } });
  assert.equal(verdict, "wrong");
  assert.equal(item.local, "wrong");
});

test("ids sort in the order they were made", () => {
  const ids = Array.from({ length: 5000 }, () => newId());
  assert.deepEqual([...ids].sort(), ids);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids.slice(0, 10)) assert.match(id, UUID7);
});
