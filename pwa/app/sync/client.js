/** One bounded cycle of sync for one learner, the same in a page and in the worker: send what waits, apply what comes, upload what is asked for. */

import { freeBallast, isFull } from "../store/ballast.js";
import { compareClock } from "../store/clock.js";
import { device, learnerId } from "../store/device.js";
import { cursors } from "../store/feed.js";
import { forgetOld } from "../store/forget.js";
import { Robbed } from "../store/leases.js";
import { ASIDE_MS } from "../store/moments.js";
import { changeItems, isUnsent, itemsOf, toSend } from "../store/outbox.js";
import { recordAgainWhatBroke } from "./again.js";
import { alone } from "./alone.js";
import { Elsewhere, Later, Offline, postSync, Rejected } from "./api.js";
import { applyReply } from "./apply.js";
import { utf8 } from "./bytes.js";
import { fillHoles } from "./holes.js";
import { sign } from "./keys.js";
import { backOff, goOn, patientUntil, pause, pausedUntil, SERVER } from "./patience.js";
import { report } from "./status.js";

const CYCLE_MS = 25_000;
const MOST_EVENTS = 50;
/** Of 256 kB, with room for what stands around the events. */
const MOST_BYTES = 250 * 1024;
const FEED_ROWS = 500;

/**
 * How many events may go into a learner's next batch: halved while the server chokes on one, whole again after a success.
 * @type {Map<string, number>}
 */
const mostEvents = new Map();

/** When the server would like to be asked again about a learner, ms. @type {Map<string, number>} */
const nextPull = new Map();

/**
 * done: all was sent and read · nothing: nobody has done anything here yet · busy: another tab is at it ·
 * wait: not before a time · offline, failed: not reached, or not understood
 * @typedef {"done" | "nothing" | "busy" | "wait" | "offline" | "failed"} Outcome
 *
 * Who signs and for whom, what guards the cycle, what it has seen to, and when it must end (ms).
 * @typedef {{signer: import("./api.js").Signer, guard: import("./alone.js").Guard, tried: Set<string>, until: number}} Cycle
 */

/**
 * Run one cycle of at most 25 s for one learner, unless another tab or the worker runs one.
 * @param {{learner?: string, patient?: boolean}} [how] learner: the one at work when not given ·
 *   patient: heed the back-off after failures (timers do, people don't)
 * @returns {Promise<Outcome>}
 */
export async function syncOnce({ learner, patient = false } = {}) {
  const row = await device(learner);
  if (!row) return "nothing";
  const until = await pausedUntil();
  if (Date.now() < until) report({ problem: { kind: "wait", until } }); // a page that was opened since has not heard it
  if (Date.now() < Math.max(until, patient ? patientUntil(row.learner) : 0)) return "wait";
  try {
    return await alone(`sync:${row.learner}`, (guard) => cycle(row, guard));
  } catch (error) {
    return fail(error, row.learner);
  }
}

/**
 * When a timer should ask again about a learner, even if nothing waits, ms.
 * @param {string} learner
 */
export function nextPullAt(learner) {
  return nextPull.get(learner) ?? 0;
}

/**
 * @param {DeviceRow} row
 * @param {import("./alone.js").Guard} guard
 * @returns {Promise<Outcome>}
 */
async function cycle(row, guard) {
  const { learner } = row;
  const now = { signer: signerOf(row, guard), guard, tried: new Set(), until: Date.now() + CYCLE_MS };
  report({ syncing: true });
  try {
    while ((await roundTrip(now)) && Date.now() < now.until);
    await forgetOld(learner, Date.now());
    goOn(SERVER);
    goOn(learner);
    report({ online: true, ...((await isAtWork(learner)) && { problem: null }) });
    return "done";
  } finally {
    report({ syncing: false });
  }
}

/**
 * Every request is signed first: so a cycle that was robbed of its lease asks for nothing more.
 * @param {DeviceRow} row
 * @param {import("./alone.js").Guard} guard
 * @returns {import("./api.js").Signer}
 */
export function signerOf({ learner, device, keys }, guard) {
  return {
    learner,
    device,
    sign: async (bytes) => {
      await guard.check();
      return sign(keys, bytes);
    },
  };
}

/**
 * Push one batch, pull one page, upload what was asked for.
 * @param {Cycle} now
 * @returns {Promise<boolean>} true when there is more to do at once
 */
async function roundTrip(now) {
  const { signer, guard, tried, until } = now;
  const { learner } = signer;
  const batch = pick(await toSend(learner, Date.now()), mostEvents.get(learner));
  const began = Date.now();
  const said = await push(now, batch);
  if (!said) return true;
  const { reply, asked } = said;
  await compareClock(reply.now, began, Date.now());
  await applyReply(reply, { learner, sent: batch, now: Date.now(), asked, guard });
  if (batch.some(({ type }) => type === "learner.erase") && (await (await import("./erased.js")).wasErased(learner))) return false;
  if (reply.learner) return (await import("./merged.js")).goOnAs(reply.learner, learner);
  if (reply.results.some(({ why }) => why === "unknown_device")) await helloAgain(learner);
  nextPull.set(learner, Date.now() + (reply.next_s ?? 300) * 1000);
  const again = await recordAgainWhatBroke(learner);
  const wanted = (reply.want_blobs ?? []).filter((hash) => !tried.has(hash));
  for (const hash of wanted) tried.add(hash);
  const uploaded = wanted.length ? await (await uploads()).uploadWanted(wanted, signer, until) : 0;
  const filled = await fillHoles(reply.missing ?? [], signer, tried);
  const unread = Object.values(reply.feeds ?? {}).some((part) => part.more);
  return unread || uploaded > 0 || filled || again > 0 || (await toSend(learner, Date.now())).length > 0;
}

/** Few have files to send, so their code comes when it is wanted: without a network that is later. */
function uploads() {
  return import("./upload.js").catch((error) => {
    throw new Offline(String(error));
  });
}

/**
 * The next batch: in the order of the chain, so a device says hello first.
 * @template {{p: string, s: string}} T
 * @param {T[]} queue
 * @param {number} [most]
 * @returns {T[]}
 */
export function pick(queue, most = MOST_EVENTS) {
  const batch = [];
  let size = 0;
  for (const item of queue.slice(0, most)) {
    size += item.p.length + item.s.length + 16;
    if (batch.length && size > MOST_BYTES) break;
    batch.push(item);
  }
  return batch;
}

/**
 * @param {Cycle} now
 * @param {OutboxItem[]} batch
 * @returns {Promise<{reply: SyncReply, asked: import("./apply.js").Asked} | null>} null when the batch was too much
 *   and a smaller one should follow
 */
async function push({ signer, until }, batch) {
  const { learner } = signer;
  const ids = batch.map((item) => item.id);
  const asked = { epoch: (await device(learner))?.epoch ?? null, cursors: await cursors(learner) };
  const events = batch.map(({ p, s }) => ({ p, s }));
  const body = utf8(JSON.stringify({ device: signer.device, learner, ...asked, events, limit: FEED_ROWS }));
  const signature = await signer.sign(body);
  if (ids.length)
    await changeItems(ids, (item) =>
      item.state === "saved" || item.state === "aside" ? { ...item, state: "sending" } : null,
    );
  try {
    const reply = await postSync(body, signature, Math.min(until - Date.now(), CYCLE_MS)); // the clock may be set back
    mostEvents.delete(learner);
    return { reply, asked };
  } catch (error) {
    await takeBack(learner, ids, error);
    if (error instanceof Rejected && error.status === 413 && batch.length > 1) return null;
    if (error instanceof Rejected && error.problem.code === "unknown_device" && (await helloAgain(learner)))
      return null;
    throw error;
  }
}

/**
 * A batch did not get through: its items wait again. When the server itself choked on it three times, halve the
 * next one, until the event that it chokes on stands alone and is set aside.
 * @param {string} learner
 * @param {string[]} ids
 * @param {unknown} error
 */
async function takeBack(learner, ids, error) {
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
  if (tooLarge || (choked && most >= 3)) mostEvents.set(learner, Math.max(1, ids.length >> 1));
}

/**
 * The server does not know us (any more): introduce ourselves again.
 * @param {string} learner
 * @returns {Promise<boolean>} false when we are about to, or just did
 */
async function helloAgain(learner) {
  const hellos = (await itemsOf(learner)).filter((item) => item.type === "device.hello");
  if (!hellos.length || hellos.some((item) => isUnsent(item) || item.replay)) return false;
  await changeItems(hellos.map(({ id }) => id), (item) => ({ ...item, replay: true }));
  return true;
}

/**
 * @param {unknown} error
 * @param {string} learner
 * @returns {Promise<Outcome>}
 */
export async function fail(error, learner) {
  if (error instanceof Robbed) return "busy";
  if (error instanceof Rejected && error.problem.code === "erased") return (await import("./erased.js")).hearErased(learner);
  // A cycle writes as it goes: what waits on a full phone could never leave it. The next one has room.
  if (isFull(error)) await freeBallast().catch(() => false);
  if (error instanceof Later) {
    const until = await pause(error.ms);
    report({ online: true, problem: { kind: "wait", until } });
    return "wait";
  }
  backOff(error instanceof Offline ? SERVER : learner);
  if (error instanceof Offline) {
    report({ online: false, problem: { kind: error instanceof Elsewhere ? "elsewhere" : "offline" } });
    return "offline";
  }
  if (!(error instanceof Rejected)) console.error(error);
  // What is wrong with somebody else's work on this device is no news for the one at work.
  if (await isAtWork(learner)) report({ problem: problemOf(error) });
  if (error instanceof Rejected) report({ online: true });
  return "failed";
}

/**
 * @param {unknown} error
 * @returns {import("./status.js").SyncProblem}
 */
function problemOf(error) {
  if (!(error instanceof Rejected)) return { kind: "fault", detail: String(error) };
  const kind = error.problem.code === "device_revoked" ? "locked" : error.status === 426 ? "old" : error.status >= 500 ? "fault" : "rejected";
  return { kind, detail: error.message };
}

/** @param {string} learner */
async function isAtWork(learner) {
  return (await learnerId()) === learner;
}
