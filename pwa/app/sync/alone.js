/**
 * One cycle at a time in this browser: a Web Lock, and beside it a lease in the database, so that a tab that froze
 * with the lock in its hands keeps nobody waiting. Where there are no Web Locks the lease alone guards.
 */

import { newId } from "../store/ids.js";
import { claimFree, claimStale, giveBackLease, LEASE_MS, renewLease, takeLease } from "../store/leases.js";

const SOON_MS = 1_500;

/**
 * Who holds what: `check` renews the lease and throws Robbed when another one has it. `applyReply` looks at the same
 * row inside its own transaction, so nothing is written by a cycle that was robbed.
 * @typedef {{name: string, holder: string, check: () => Promise<void>}} Guard
 */

/**
 * @template T
 * @param {string} name
 * @param {(guard: Guard) => Promise<T>} work
 * @returns {Promise<T | "busy">}
 */
export async function alone(name, work) {
  const holder = newId();
  const locks = globalThis.navigator?.locks;
  if (!locks) return (await claimFree(name, holder)) ? leased(name, holder, work) : "busy";
  /** @type {Promise<T> | null} */
  let begun = null;
  const begin = async () => {
    await takeLease(name, holder);
    begun = leased(name, holder, work);
    return begun;
  };
  const outcome = await stolen(
    locks.request(name, { ifAvailable: true }, (lock) => (lock ? begin() : "held")),
    () => begun,
  );
  if (outcome !== "held") return /** @type {T | "busy"} */ (outcome);
  if (!(await claimStale(name, holder))) return "busy";
  return /** @type {Promise<T | "busy">} */ (stolen(locks.request(name, { steal: true }, begin), () => begun));
}

/**
 * Wait until whoever is at it has ended: the worker and a page are often woken by the same thing.
 * @param {string} name
 * @returns {Promise<boolean>} false when it takes them too long, or when we cannot know
 */
export async function isFreeSoon(name) {
  const how = { mode: /** @type {const} */ ("shared"), signal: AbortSignal.timeout(SOON_MS) };
  return (await globalThis.navigator?.locks?.request(name, how, () => true).catch(() => false)) ?? false;
}

/**
 * When the lock is stolen its request ends at once with AbortError, but our work goes on until it notices by the
 * lease: wait for that, and tell its outcome.
 * @template T
 * @param {Promise<T>} request
 * @param {() => Promise<any> | null} begun
 */
async function stolen(request, begun) {
  try {
    return await request;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return (await begun()) ?? "busy";
    throw error;
  }
}

/**
 * @template T
 * @param {string} name
 * @param {string} holder
 * @param {(guard: Guard) => Promise<T>} work
 */
async function leased(name, holder, work) {
  const check = () => renewLease(name, holder);
  const timer = setInterval(() => void check().catch(() => {}), LEASE_MS / 4);
  /** @type {any} */ (timer).unref?.(); // in Node, don't keep a test alive
  try {
    return await work({ name, holder, check });
  } finally {
    clearInterval(timer);
    await giveBackLease(name, holder);
  }
}
