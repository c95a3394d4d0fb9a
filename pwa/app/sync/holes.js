/** Holes in a device's chain: fill them with what is here, and say of the rest that it is lost. */

import { changeItems, isUnsent, itemsOf } from "../store/outbox.js";
import { recordEvent } from "./events.js";

/**
 * The server has holes in our chain.
 * @param {NonNullable<SyncReply["missing"]>} missing
 * @param {import("./api.js").Signer} signer
 * @param {Set<string>} tried what this cycle has done already
 * @returns {Promise<boolean>} true when there is something new to send
 */
export async function fillHoles(missing, signer, tried) {
  const holes = missing.filter((hole) => hole.device === signer.device && !tried.has(`hole ${hole.seq}`));
  for (const { seq } of holes) {
    tried.add(`hole ${seq}`);
    await fillHole(seq, signer);
  }
  return holes.length > 0;
}

/**
 * @param {[number, number]} range both ends in
 * @param {import("./api.js").Signer} signer
 */
async function fillHole([from, to], { learner, device }) {
  const items = (await itemsOf(learner)).filter((item) => item.device === device);
  const within = items.filter((item) => item.seq >= from && item.seq <= to);
  // What was declined and is yet a hole could not even be stored: sending it again would change nothing.
  const kept = within.filter((item) => item.state !== "declined");
  await changeItems(
    kept.filter((item) => !isUnsent(item)).map((item) => item.id),
    (item) => ({ ...item, replay: true }),
  );
  // What was recorded again at another place is no loss, and neither is what stands here as declined, with its reason.
  const accounted = within.filter((item) => item.state === "declined").map((item) => item.seq);
  for (const range of undeclared(gaps(from, to, seqsOf(kept)), items)) {
    const nothing = gaps(range[0], range[1], accounted).length === 0;
    await recordEvent("event.lost", { device, seq: range }, { learner, lost: lostBetween(range, items), seen: nothing });
  }
}

/** @param {OutboxItem[]} items */
const seqsOf = (items) => items.map((item) => item.seq);

/**
 * Those that no declaration on its way or accepted covers.
 * @param {[number, number][]} ranges
 * @param {OutboxItem[]} items
 */
function undeclared(ranges, items) {
  const declared = items.filter((item) => item.type === "event.lost" && item.state !== "declined");
  return ranges.filter(
    ([first, last]) => !declared.some(({ body: { seq } }) => seq[0] <= first && last <= seq[1]),
  );
}

/**
 * Between which moments the lost things were done, by what is left around them.
 * @param {[number, number]} range
 * @param {OutboxItem[]} items
 * @returns {{after: number | null, before: number | null}} ms
 */
export function lostBetween([first, last], items) {
  const earlier = items.filter((item) => item.seq < first).map((item) => item.at);
  const later = items.filter((item) => item.seq > last).map((item) => item.at);
  return {
    after: earlier.length ? Math.max(...earlier) : null,
    before: later.length ? Math.min(...later) : null,
  };
}

/**
 * The stretches of from…to in which none of `have` lies.
 * @param {number} from
 * @param {number} to
 * @param {number[]} have
 */
export function gaps(from, to, have) {
  /** @type {[number, number][]} */
  const found = [];
  let first = from;
  for (const seq of [...have.sort((a, b) => a - b), to + 1]) {
    if (seq > first) found.push([first, seq - 1]);
    first = seq + 1;
  }
  return found;
}
