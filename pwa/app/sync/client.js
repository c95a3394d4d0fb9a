/** One bounded cycle of sync, the same in a page and in the worker: send what waits, apply what comes, upload what is asked for. */

import { device } from "../store/device.js";
import { cursors } from "../store/feed.js";
import { changeItems, forgetOld, isUnsent, itemsOf, toSend } from "../store/outbox.js";
import { putSetting, setting } from "../store/settings.js";
import { Later, Offline, postSync, Rejected } from "./api.js";
import { applyReply } from "./apply.js";
import { utf8 } from "./bytes.js";
import { recordEvent } from "./events.js";
import { sign } from "./keys.js";
import { report } from "./status.js";

const CYCLE_MS = 25_000;
const MOST_EVENTS = 50;
/** Of 256 kB, with room for what stands around the events. */
const MOST_BYTES = 250 * 1024;
const FEED_ROWS = 500;
const ASIDE_MS = 6 * 3600 * 1000;

/** How many events may go into a batch: halved while the server chokes on one, whole again after a success. */
let mostEvents = MOST_EVENTS;

/** Fruitless cycles in a row, and when a trigger without a person behind it may try again. */
let failures = 0;
let patientUntil = 0;

/** When the server would like to be asked again, ms. */
let nextPullAt = 0;

/**
 * done: all was sent and read · nothing: nobody has done anything here yet · busy: another tab is at it ·
 * wait: not before a time · offline, failed: not reached, or not understood
 * @typedef {"done" | "nothing" | "busy" | "wait" | "offline" | "failed"} Outcome
 */

/**
 * Run one cycle of at most 25 s, unless another tab or the worker runs one.
 * @param {{patient?: boolean}} [how] patient: heed the back-off after failures (timers do, people don't)
 * @returns {Promise<Outcome>}
 */
export async function syncOnce({ patient = false } = {}) {
  const row = await device();
  if (!row) return "nothing";
  const pause = (await setting("pause_until")) ?? 0;
  if (Date.now() < Math.max(pause, patient ? patientUntil : 0)) return "wait";
  return alone(`sync:${row.learner}`, () => cycle(row));
}

/** When a patient trigger should call again, ms. */
export function nextTryAt() {
  return Math.max(patientUntil, nextPullAt);
}

/**
 * @param {DeviceRow} row
 * @returns {Promise<Outcome>}
 */
async function cycle(row) {
  const until = Date.now() + CYCLE_MS;
  const signer = {
    learner: row.learner,
    device: row.device,
    sign: (/** @type {Uint8Array<ArrayBuffer>} */ bytes) => sign(row.keys, bytes),
  };
  report({ syncing: true });
  try {
    const tried = new Set();
    while ((await roundTrip(signer, tried, until)) && Date.now() < until);
    await forgetOld(row.learner, Date.now());
    failures = patientUntil = 0;
    report({ syncing: false, online: true, problem: null });
    return "done";
  } catch (error) {
    return fail(error);
  }
}

/**
 * Push one batch, pull one page, upload what was asked for.
 * @param {import("./api.js").Signer} signer
 * @param {Set<string>} tried files and holes that this cycle has seen to
 * @param {number} until
 * @returns {Promise<boolean>} true when there is more to do at once
 */
async function roundTrip(signer, tried, until) {
  const { learner } = signer;
  const queue = await toSend(learner, Date.now());
  const batch = pick(queue);
  const reply = await push(signer, batch, until);
  if (!reply) return true;
  await applyReply(reply, { learner, sent: batch, now: Date.now() });
  if (reply.results.some(({ why }) => why === "unknown_device")) await helloAgain();
  nextPullAt = Date.now() + (reply.next_s ?? 300) * 1000;
  const wanted = (reply.want_blobs ?? []).filter((hash) => !tried.has(hash));
  for (const hash of wanted) tried.add(hash);
  const uploaded = wanted.length ? await (await uploads()).uploadWanted(wanted, signer, until) : 0;
  const filled = await fillHoles(reply.missing ?? [], signer, tried);
  const unread = Object.values(reply.feeds ?? {}).some((part) => part.more);
  return unread || uploaded > 0 || filled || (await toSend(learner, Date.now())).length > 0;
}

/** Few have files to send, so their code comes when it is wanted: without a network that is later. */
function uploads() {
  return import("./upload.js").catch((error) => {
    throw new Offline(String(error));
  });
}

/**
 * The next batch: in the order of the chain, so a device says hello first.
 * @param {OutboxItem[]} queue
 */
export function pick(queue) {
  const batch = [];
  let size = 0;
  for (const item of queue.slice(0, mostEvents)) {
    size += item.p.length + item.s.length + 16;
    if (batch.length && size > MOST_BYTES) break;
    batch.push(item);
  }
  return batch;
}

/**
 * @param {import("./api.js").Signer} signer
 * @param {OutboxItem[]} batch
 * @param {number} until
 * @returns {Promise<SyncReply | null>} null when the batch was too much and a smaller one should follow
 */
async function push(signer, batch, until) {
  const ids = batch.map((item) => item.id);
  const epoch = (await device(signer.learner))?.epoch ?? null;
  const events = batch.map(({ p, s }) => ({ p, s }));
  const request = {
    device: signer.device,
    learner: signer.learner,
    epoch,
    events,
    cursors: await cursors(signer.learner),
    limit: FEED_ROWS,
  };
  const body = utf8(JSON.stringify(request));
  if (ids.length)
    await changeItems(ids, (item) =>
      item.state === "saved" || item.state === "aside" ? { ...item, state: "sending" } : null,
    );
  try {
    const reply = await postSync(body, await signer.sign(body), until - Date.now());
    mostEvents = MOST_EVENTS;
    return reply;
  } catch (error) {
    await takeBack(ids, error);
    if (error instanceof Rejected && error.status === 413 && batch.length > 1) return null;
    if (error instanceof Rejected && error.problem.code === "unknown_device" && (await helloAgain()))
      return null;
    throw error;
  }
}

/**
 * A batch did not get through: its items wait again. When the server itself choked on it three times, halve the
 * next one, until the event that it chokes on stands alone and is set aside.
 * @param {string[]} ids
 * @param {unknown} error
 */
async function takeBack(ids, error) {
  const choked = error instanceof Rejected && error.status !== 401 && error.status !== 426;
  const tooLarge = choked && error.status === 413;
  let most = 0;
  await changeItems(ids, (item) => {
    const tries = item.tries + (choked ? 1 : 0);
    most = Math.max(most, tries);
    const back = {
      ...item,
      tries,
      state: item.state === "sending" ? /** @type {OutboxState} */ ("saved") : item.state,
    };
    const poison = choked && ids.length === 1 && (tooLarge || tries >= 3);
    return poison
      ? {
          ...back,
          state: "aside",
          why: error.problem.code ?? `http_${error.status}`,
          aside_until: Date.now() + ASIDE_MS,
        }
      : back;
  });
  if (tooLarge || (choked && most >= 3)) mostEvents = Math.max(1, ids.length >> 1);
}

/**
 * The server does not know us (any more): introduce ourselves again.
 * @returns {Promise<boolean>} false when we are about to, or just did
 */
async function helloAgain() {
  const row = await device();
  const hello = row && (await itemsOf(row.learner)).find((item) => item.type === "device.hello");
  if (!hello || isUnsent(hello) || hello.replay) return false;
  await changeItems([hello.id], (item) => ({ ...item, replay: true }));
  return true;
}

/**
 * The server has holes in our chain: send again what we still have, and say of the rest that it is lost.
 * @param {NonNullable<SyncReply["missing"]>} missing
 * @param {import("./api.js").Signer} signer
 * @param {Set<string>} tried what this cycle has done already
 * @returns {Promise<boolean>} true when there is something new to send
 */
async function fillHoles(missing, signer, tried) {
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
async function fillHole([from, to], { learner, device: whose }) {
  const items = await itemsOf(learner);
  // What was declined and is yet a hole could not even be stored: sending it again would change nothing.
  const kept = items.filter((item) => item.seq >= from && item.seq <= to && item.state !== "declined");
  const again = kept.filter((item) => !isUnsent(item)).map((item) => item.id);
  await changeItems(again, (item) => ({ ...item, replay: true }));
  const declared = items.filter((item) => item.type === "event.lost").map((item) => item.body.seq);
  for (const [first, last] of gaps(
    from,
    to,
    kept.map((item) => item.seq),
  )) {
    if (!declared.some(([a, b]) => a <= first && last <= b))
      await recordEvent("event.lost", { device: whose, seq: [first, last] });
  }
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

/**
 * @param {unknown} error
 * @returns {Promise<Outcome>}
 */
async function fail(error) {
  failures++;
  // Full jitter: phones that lost the network together must not come back together.
  patientUntil = Date.now() + 500 + Math.random() * Math.min(300_000, 2_000 * 2 ** failures);
  if (error instanceof Offline) {
    report({ syncing: false, online: false, problem: { kind: "offline" } });
    return "offline";
  }
  if (error instanceof Later) {
    const until = Date.now() + error.ms;
    await putSetting("pause_until", until);
    report({ syncing: false, online: true, problem: { kind: "wait", until } });
    return "wait";
  }
  if (error instanceof Rejected) {
    const kind = error.status === 426 ? "old" : error.status >= 500 ? "fault" : "rejected";
    report({ syncing: false, online: true, problem: { kind, detail: error.message } });
    return "failed";
  }
  console.error(error);
  report({ syncing: false, problem: { kind: "fault", detail: String(error) } });
  return "failed";
}

const running = new Set();

/**
 * Run alone in this browser. Web Locks see other tabs and the worker; where there are none, at least this page.
 * @param {string} name
 * @param {() => Promise<Outcome>} work
 * @returns {Promise<Outcome>}
 */
async function alone(name, work) {
  const locks = globalThis.navigator?.locks;
  if (locks) return locks.request(name, { ifAvailable: true }, (lock) => (lock ? work() : "busy"));
  if (running.has(name)) return "busy";
  running.add(name);
  return work().finally(() => running.delete(name));
}
