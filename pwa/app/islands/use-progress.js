/** The learner's progress in one activity, true while it is looked at: recorded here, sent, and decided. */
import { useMemo } from "preact/hooks";
import "@preact/signals";
import { feed } from "../store/feed.js";
import { live } from "../store/live.js";
import { outbox } from "../store/outbox.js";
import { activityProgress } from "../store/progress.js";

/**
 * @typedef {object} Seen
 * @property {ActivityProgress} progress
 * @property {OutboxItem[]} items of this activity, newest first
 */

/**
 * @param {string} activity
 * @param {Task[]} [tasks]
 * @returns {Seen | "closed" | undefined} closed: this browser keeps nothing for us · undefined: not read yet
 */
export function useProgress(activity, tasks) {
  const seen = useMemo(
    () =>
      live(
        () => look(activity, tasks).catch(() => /** @type {const} */ ("closed")),
        ["outbox", "feed", "settings"],
      ),
    [activity],
  );
  return seen.value;
}

/**
 * @param {string} activity
 * @param {Task[] | undefined} tasks
 * @returns {Promise<Seen | "closed">}
 */
async function look(activity, tasks) {
  const [rows, items] = await Promise.all([feed(), outbox()]);
  return {
    progress: activityProgress({ id: activity, tasks }, rows, items),
    items: items.filter((item) => item.body.activity === activity),
  };
}
