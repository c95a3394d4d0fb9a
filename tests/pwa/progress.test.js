/** Progress follows the playlist's rule; what waits counts, and is marked as waiting. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { activityProgress, playlistProgress } from "../../pwa/app/store/progress.js";

const task = (/** @type {string} */ id, kind = "text", required = true) =>
  /** @type {Task} */ ({ id, kind, required, prompt: "" });
const mill = { id: "mill", tasks: [task("here", "checkin"), task("year"), task("extra", "photo", false)] };

let seq = 0;
/** @param {any} item */
const item = (item) =>
  /** @type {OutboxItem} */ ({ id: `e${++seq}`, seq, state: "saved", local: null, body: {}, ...item });
const scan = (activity = "mill", more = {}) => item({ type: "checkin.scan", body: { activity }, ...more });
const said = (/** @type {string} */ id, local = "right", more = {}) =>
  item({ type: "task.answer", body: { task: id, activity: "mill" }, local, ...more });
const row = (/** @type {string} */ key, /** @type {any} */ content = {}) =>
  /** @type {FeedRow} */ ({ feed: "f", key, ver: 1, row: content });

test("an untouched activity is open, and one begun says how far it is", () => {
  assert.equal(activityProgress(mill, [], []).state, "open");
  const begun = activityProgress(mill, [], [scan()]);
  assert.deepEqual([begun.state, begun.done, begun.total, begun.checkedIn], ["begun", 1, 2, true]);
});

test("work in the outbox counts, marked as waiting", () => {
  const now = activityProgress(mill, [], [scan(), said("year")]);
  assert.equal(now.state, "waiting");
  assert.deepEqual([now.tasks.year.state, now.tasks.year.waiting], ["waiting", true]);
});

test("only the server's word makes it done", () => {
  const rows = [
    row("checkin:mill", { event: "x" }),
    row("task:year", { state: "right", tries: 1, event: "y" }),
  ];
  assert.equal(activityProgress(mill, rows, []).state, "waiting");
  assert.equal(activityProgress(mill, [...rows, row("completion:activity:mill")], []).state, "done");
});

test("a wrong answer does not count, also before the server said so; a better one does", () => {
  const wrong = said("year", "wrong");
  assert.equal(activityProgress(mill, [], [wrong]).tasks.year.state, "wrong");
  assert.equal(activityProgress(mill, [], [wrong, said("year")]).tasks.year.state, "waiting");
  const rows = [row("task:year", { state: "wrong", tries: 1, event: wrong.id })];
  assert.equal(activityProgress(mill, rows, [{ ...wrong, state: "accepted" }]).tasks.year.state, "wrong");
  assert.equal(activityProgress(mill, rows, [said("year")]).tasks.year.state, "waiting");
});

test("what was right stays right when someone answers again", () => {
  const rows = [row("task:year", { state: "right", tries: 1, event: "y" })];
  assert.equal(activityProgress(mill, rows, [said("year", "wrong")]).tasks.year.state, "done");
});

test("a bad scan after a good one takes nothing away", () => {
  assert.equal(activityProgress(mill, [], [scan(), scan("mill", { local: "wrong" })]).checkedIn, true);
  assert.equal(activityProgress(mill, [], [scan(), scan("mill", { state: "declined" })]).checkedIn, true);
});

test("a code that this phone found wrong is no check-in", () => {
  assert.equal(activityProgress(mill, [], [scan("mill", { local: "wrong" })]).checkedIn, false);
  assert.equal(activityProgress(mill, [], [scan("mill", { local: "unknown" })]).checkedIn, true);
});

test("what was declined or withdrawn does not count, unless taking it back was refused", () => {
  const declined = scan("mill", { state: "declined" });
  assert.equal(activityProgress(mill, [], [declined]).tasks.here.state, "declined");
  const mine = scan();
  const taken = item({ type: "event.withdraw", body: { event: mine.id } });
  assert.equal(activityProgress(mill, [], [mine, taken]).state, "open");
  assert.equal(activityProgress(mill, [], [mine, { ...taken, state: "declined" }]).state, "begun");
});

const stop = (/** @type {string} */ id) => ({ id, tasks: [task(`${id}-here`, "checkin")] });
const museum = {
  id: "museum",
  rules: /** @type {Rules} */ ({ order: "any", required: ["a", "b"], choose: 1, from: ["c", "d", "e"] }),
  activities: ["a", "b", "c", "d", "e"].map(stop),
};
const did = (/** @type {string} */ id) => row(`completion:activity:${id}`);

test("required stops and any one of the rest make a playlist full", () => {
  const some = playlistProgress(museum, [did("a"), did("c"), did("d")], [scan("b")]);
  assert.deepEqual([some.done, some.waiting, some.total, some.state], [2, 1, 3, "waiting"]);
  assert.deepEqual([some.requiredLeft, some.chooseLeft], [[], 0]);
  const done = playlistProgress(
    museum,
    [did("a"), did("b"), did("c"), row("completion:playlist:museum")],
    [],
  );
  assert.equal(done.state, "done");
});

test("many of the rest do not stand in for a required one", () => {
  const some = playlistProgress(museum, [did("c"), did("d"), did("e")], []);
  assert.deepEqual([some.done, some.state, some.requiredLeft], [1, "begun", ["a", "b"]]);
});

test("in a fixed order the next stop is named, and later ones do not count before it", () => {
  const fixed = { ...museum, rules: { ...museum.rules, order: /** @type {const} */ ("fixed") } };
  const some = playlistProgress(fixed, [did("b"), did("c")], []);
  assert.deepEqual([some.next, some.done], ["a", 0]);
});

test("a playlist without a rule asks for all of its stops", () => {
  const free = {
    ...museum,
    rules: { order: /** @type {const} */ ("any"), required: [], choose: 0, from: ["a", "b", "c", "d", "e"] },
  };
  assert.equal(playlistProgress(free, [], []).total, 5);
});

test("what must be better is open again, with the organiser's note; handed in again it waits", () => {
  const first = said("year", "right", { state: "accepted" });
  const rows = [row("task:year", { state: "improve", tries: 1, event: first.id, note: "Which year?" })];
  const now = activityProgress(mill, rows, [first]).tasks.year;
  assert.deepEqual([now.state, now.note], ["improve", "Which year?"]);
  const again = activityProgress(mill, rows, [said("year", "right", { state: "received" }), first]).tasks.year;
  assert.deepEqual([again.state, again.note], ["received", undefined]);
});
