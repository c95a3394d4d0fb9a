/** What was taken back is the learner's turn until they have said something, or put it away. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { appeal, putFlagAway } from "../../pwa/app/actions/appeals.js";
import { lookAtLearning } from "../../pwa/app/islands/learning-view.js";
import { beginPass } from "../../pwa/app/actions/pass.js";
import { db } from "../../pwa/app/store/db.js";
import { learnerId } from "../../pwa/app/store/device.js";
import { feedOf } from "../../pwa/app/store/feed.js";
import { freshPhone } from "./browser.js";
import { noNetwork } from "./city.js";

const VOIDED = { state: "voided", activity: "boats", reason: "Two places at once", at: "2026-11-25T10:00:00Z", appeal: "" };

beforeEach(async () => {
  await freshPhone();
  noNetwork();
  await beginPass();
});

/** @param {Partial<FlagRow>} row */
async function say(row) {
  const feed = feedOf(/** @type {string} */ (await learnerId()));
  await (await db()).put("feed", { feed, key: "flag:e1", ver: 1, row: { ...VOIDED, ...row } });
}

const flags = async () => (await lookAtLearning()).flags;

test("a check-in that was taken back needs the learner until they answer", async () => {
  await say({});
  const [{ event, needs, row }] = await flags();
  assert.deepEqual([event, needs, row.reason], ["e1", true, "Two places at once"]);
  const item = await appeal("e1", "I was there");
  assert.deepEqual([item.type, item.body], ["checkin.appeal", { event: "e1", text: "I was there" }]);
  const [{ needs: still, appeal: mine }] = await flags();
  assert.deepEqual([still, mine?.id], [false, item.id]);
});

test("an answer that another phone of theirs gave is known too", async () => {
  await say({ appeal: "I was there" });
  assert.equal((await flags())[0].needs, false);
});

test("what was put away stays away, until it counts again", async () => {
  await say({});
  await putFlagAway((await flags())[0]);
  assert.deepEqual(await flags(), []);
  await say({ state: "kept" });
  assert.equal((await flags())[0].row.state, "kept");
  await putFlagAway((await flags())[0]);
  assert.deepEqual(await flags(), []);
});

test("a check-in that was kept and never doubted is no news", async () => {
  await say({ state: "kept" });
  assert.deepEqual(await flags(), []);
});
