/** Leases: who runs a cycle now, as every tab and the worker of this browser can read it. */

import { db } from "./db.js";
import { isAhead } from "./moments.js";

/** Longer than a healthy holder ever stays silent, shorter than a person's patience. */
export const LEASE_MS = 20_000;

/** The lease's holder is another one now: whoever finds this stops and applies nothing more. */
export class Robbed extends Error {}

/** @param {Lease} lease @param {number} now ms */
const isOver = ({ until }, now) => !isAhead(until, now, LEASE_MS);

/**
 * Take the lease whoever had it: for who holds the Web Lock.
 * @param {string} name
 * @param {string} holder
 */
export async function takeLease(name, holder) {
  await (await db()).put("leases", { name, holder, until: Date.now() + LEASE_MS });
}

/**
 * Take the lease if nobody has it: for where there are no Web Locks.
 * @param {string} name
 * @param {string} holder
 * @returns {Promise<boolean>}
 */
export async function claimFree(name, holder) {
  const tx = (await db()).transaction("leases", "readwrite");
  const lease = await tx.store.get(name);
  const free = !lease || isOver(lease, Date.now());
  if (free) await tx.store.put({ name, holder, until: Date.now() + LEASE_MS });
  await tx.done;
  return free;
}

/**
 * Take the lease if its holder has let it run out: for who found the Web Lock held. A holder who has not written
 * one yet is just beginning, so their time starts here.
 * @param {string} name
 * @param {string} holder
 * @returns {Promise<boolean>}
 */
export async function claimStale(name, holder) {
  const tx = (await db()).transaction("leases", "readwrite");
  const lease = await tx.store.get(name);
  const stale = Boolean(lease && isOver(lease, Date.now()));
  if (stale || !lease) await tx.store.put({ name, holder: stale ? holder : "", until: Date.now() + LEASE_MS });
  await tx.done;
  return stale;
}

/**
 * Hold it for longer.
 * @param {string} name
 * @param {string} holder
 * @throws {Robbed} when another one has it
 */
export async function renewLease(name, holder) {
  const tx = (await db()).transaction("leases", "readwrite");
  const mine = (await tx.store.get(name))?.holder === holder;
  if (mine) await tx.store.put({ name, holder, until: Date.now() + LEASE_MS });
  await tx.done;
  if (!mine) throw new Robbed(name);
}

/**
 * Give it back, if it is still ours.
 * @param {string} name
 * @param {string} holder
 */
export async function giveBackLease(name, holder) {
  const tx = (await db()).transaction("leases", "readwrite");
  if ((await tx.store.get(name))?.holder === holder) await tx.store.delete(name);
  await tx.done;
}
