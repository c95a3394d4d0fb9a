/** Check-ins that an organiser looked at again: which were taken back, and what became of the learner's word against it. Pure. */

/**
 * `appeal`: what the learner said of it on this phone · `needs`: it is the learner's turn
 * @typedef {{event: string, row: FlagRow, appeal?: OutboxItem, needs: boolean}} Flag
 */

const PREFIX = "flag:";

/**
 * @param {FeedRow[]} feed
 * @param {OutboxItem[]} outbox newest first
 * @param {Record<string, string>} seen by event, the state in which the learner has put it away
 * @returns {Flag[]} what the learner should see, the newest first
 */
export function flagsOf(feed, outbox, seen) {
  const flags = feed.filter(({ key }) => key.startsWith(PREFIX)).map(({ key, row }) => {
    const event = key.slice(PREFIX.length);
    const appeal = outbox.find(({ type, body, state }) => type === "checkin.appeal" && body.event === event && state !== "declined");
    return { event, row, appeal, needs: row.state === "voided" && !row.appeal && !appeal };
  });
  return flags.filter((flag) => isShown(flag, seen)).sort((a, b) => (a.row.at < b.row.at ? 1 : -1));
}

/**
 * What counts and was never doubted to the learner's face is no news.
 * @param {Flag} flag
 * @param {Record<string, string>} seen
 */
function isShown({ event, row, appeal }, seen) {
  if (seen[event] === row.state) return false;
  return row.state === "voided" || Boolean(row.appeal || appeal || seen[event]);
}
