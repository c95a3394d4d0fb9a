/** How far the learner is: computed from the server's rows and what this phone holds, by the playlist's rule. Pure. */

/** @type {Record<TaskRow["state"], TaskProgress["state"]>} */
const SAID = {
  right: "done",
  accepted: "done",
  wrong: "wrong",
  received: "received",
  improve: "improve",
  declined: "declined",
};

/** A code that this phone itself found not to hold promises nothing. */
const HOLLOW = new Set(["wrong", "early", "closed"]);

/**
 * @param {{id: string, tasks?: Task[]}} activity without tasks when they are not known here
 * @param {FeedRow[]} feed
 * @param {OutboxItem[]} outbox
 * @returns {ActivityProgress}
 */
export function activityProgress(activity, feed, outbox) {
  return progressOf(activity, look(feed, outbox));
}

/**
 * @param {{id: string, rules: Rules, activities: {id: string, tasks?: Task[]}[]}} playlist
 * @param {FeedRow[]} feed
 * @param {OutboxItem[]} outbox
 * @returns {PlaylistProgress}
 */
export function playlistProgress({ id, rules, activities }, feed, outbox) {
  const seen = look(feed, outbox);
  const each = Object.fromEntries(activities.map((activity) => [activity.id, progressOf(activity, seen)]));
  const order = activities.map((activity) => activity.id);
  const counting = new Set(rules.order === "fixed" ? reached(order, rules.required, each) : order);
  /** @param {string[]} ids @param {Standing} state */
  const count = (ids, state) => ids.filter((one) => counting.has(one) && each[one]?.state === state).length;
  const choose = chooseOf(rules);
  const chosenDone = Math.min(choose, count(rules.from, "done"));
  const chosenWaiting = Math.min(choose - chosenDone, count(rules.from, "waiting"));
  const done = count(rules.required, "done") + chosenDone;
  const waiting = count(rules.required, "waiting") + chosenWaiting;
  const total = rules.required.length + choose;
  return {
    state: standing({
      done: seen.rows.has(`completion:playlist:${id}`),
      full: total > 0 && done + waiting >= total,
      any: Object.values(each).some((one) => one.state !== "open"),
    }),
    done,
    waiting,
    total,
    requiredLeft: rules.required.filter((one) => !isReady(each[one])),
    chooseLeft: choose - chosenDone - chosenWaiting,
    activities: each,
    next: rules.order === "fixed" ? (order.find((one) => !isReady(each[one])) ?? null) : null,
  };
}

/**
 * How many of the rest count; without any rule it is all of them.
 * @param {Rules} rules
 */
function chooseOf({ required, choose, from }) {
  return required.length + choose === 0 ? from.length : Math.min(choose, from.length);
}

/**
 * In a fixed order, what stands behind an open required stop does not count yet.
 * @param {string[]} order
 * @param {string[]} required
 * @param {Record<string, ActivityProgress>} each
 */
function reached(order, required, each) {
  const gate = order.findIndex((one) => required.includes(one) && !isReady(each[one]));
  return gate === -1 ? order : order.slice(0, gate);
}

/** @param {ActivityProgress | undefined} activity */
function isReady(activity) {
  return activity?.state === "done" || activity?.state === "waiting";
}

/**
 * @typedef {{rows: Map<string, any>, items: OutboxItem[]}} Seen items newest first, without withdrawn ones
 * @param {FeedRow[]} feed
 * @param {OutboxItem[]} outbox
 * @returns {Seen}
 */
function look(feed, outbox) {
  const withdrawn = takenBack(outbox);
  const items = outbox.filter((item) => !withdrawn.has(item.id)).sort((a, b) => b.seq - a.seq);
  return { rows: new Map(feed.map(({ key, row }) => [key, row])), items };
}

/**
 * Events that their learner has taken back.
 * @param {OutboxItem[]} items
 * @returns {Set<string>} ids
 */
export function takenBack(items) {
  const taken = items.filter((item) => item.type === "event.withdraw" && item.state !== "declined");
  return new Set(taken.map((item) => item.body.event));
}

/**
 * @param {{id: string, tasks?: Task[]}} activity
 * @param {Seen} seen
 * @returns {ActivityProgress}
 */
function progressOf(activity, seen) {
  const presence = checkinProgress(activity.id, seen);
  const known = activity.tasks ?? [];
  const tasks = Object.fromEntries(
    known.map((task) => [
      task.id,
      task.kind === "checkin" ? { ...presence, task: task.id } : taskProgress(task.id, seen),
    ]),
  );
  const needed = known.filter((task) => task.required).map((task) => tasks[task.id]);
  const met = needed.filter(isMet);
  const touched = presence.state !== "open" || seen.items.some((item) => item.body.activity === activity.id);
  return {
    activity: activity.id,
    state: standing({
      done: seen.rows.has(`completion:activity:${activity.id}`),
      full: activity.tasks !== undefined && (needed.length ? met.length === needed.length : isMet(presence)),
      any: touched || Object.values(tasks).some((task) => task.state !== "open"),
    }),
    checkedIn: isMet(presence),
    tasks,
    done: met.length,
    total: needed.length,
  };
}

/**
 * @param {{done: boolean, full: boolean, any: boolean}} facts
 * @returns {Standing}
 */
function standing({ done, full, any }) {
  if (done) return "done";
  if (full) return "waiting";
  return any ? "begun" : "open";
}

/** @param {TaskProgress} task */
function isMet({ state }) {
  return state === "done" || state === "waiting" || state === "received";
}

/**
 * @param {string} activity
 * @param {Seen} seen
 * @returns {TaskProgress}
 */
function checkinProgress(activity, { rows, items }) {
  const row = rows.get(`checkin:${activity}`) ?? atSession(activity, rows);
  const mine = items.filter((item) => item.type === "checkin.scan" && item.body.activity === activity);
  // A later scan that does not count takes nothing from an earlier one that does.
  const counting = mine.filter((item) => item.state !== "declined" && !HOLLOW.has(item.local ?? ""));
  return { ...weigh("", row && { state: "right", tries: 1, event: row.event }, counting.length ? counting : mine), over: Boolean(row?.over) };
}

/**
 * A check-in at a session, the surest: it does what one outside sessions does.
 * @param {string} activity
 * @param {Seen["rows"]} rows
 */
function atSession(activity, rows) {
  const found = [...rows].filter(([key]) => key.startsWith(`checkin:${activity}:`)).map(([, row]) => row);
  return found.sort((a, b) => b.level - a.level)[0];
}

/**
 * @param {string} task
 * @param {Seen} seen
 * @returns {TaskProgress}
 */
function taskProgress(task, { rows, items }) {
  return weigh(
    task,
    rows.get(`task:${task}`),
    items.filter((item) => item.body.task === task),
  );
}

/**
 * The server's row holds, unless something newer is on its way and could better it.
 * @param {string} task
 * @param {Pick<TaskRow, "state" | "tries" | "event" | "note"> | undefined} row
 * @param {OutboxItem[]} items newest first
 * @returns {TaskProgress}
 */
function weigh(task, row, items) {
  const item = items[0];
  const tries = Math.max(row?.tries ?? 0, items.length);
  const said = row && SAID[row.state];
  const underway = item && item.state !== "accepted" && item.state !== "declined" && item.id !== row?.event;
  if (underway && said !== "done") {
    const state = HOLLOW.has(item.local ?? "") ? "wrong" : item.state === "received" ? "received" : "waiting";
    return { task, state, waiting: true, tries, event: item.id };
  }
  if (row && said)
    return { task, state: said, waiting: said === "received", tries, event: row.event, note: row.note };
  if (!item) return { task, state: "open", waiting: false, tries, event: null };
  if (item.state === "declined") return { task, state: "declined", waiting: false, tries, event: item.id };
  // Accepted, but its row has not been read yet: trust what we saw ourselves.
  return {
    task,
    state: HOLLOW.has(item.local ?? "") ? "wrong" : "waiting",
    waiting: true,
    tries,
    event: item.id,
  };
}
