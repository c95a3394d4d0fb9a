/** The rotating code of a door's screen, made on this phone from the keys of the days: no network is asked. */

import { fromBase64url } from "../sync/bytes.js";
import { pointAddress } from "./passes.js";
import { blockAt, BLOCK_MS, dayOf, stepAt, STEP_MS, writeRotating, writeTyped } from "./rotating.js";

/** @typedef {{is: "code", step: number, address: string, typed: string | null, ends: number}} Shown ends: by the server's clock, ms */

/** The server's clock, as far as this phone knows it. @param {Pick<Door, "offset">} door */
export const clockOf = ({ offset }) => Date.now() + offset;

/**
 * @param {Pick<Door, "reply">} door
 * @param {number} now ms, by the server's clock
 * @param {string} origin see own-address.js
 * @returns {Promise<Shown | {is: "early", opens: number} | {is: "over"} | {is: "none"}>} none: the session has no
 *   rotating code, or this phone has no key for the day
 */
export async function codeAt({ reply }, now, origin) {
  const { point, hint, window } = reply;
  const [opens, closes] = window;
  if (!point) return { is: "none" };
  if (now < opens * 1000) return { is: "early", opens: opens * 1000 };
  if (now >= closes * 1000) return { is: "over" };
  const step = stepAt(now);
  const key = keyOf(reply, dayOf(step));
  if (!key) return { is: "none" };
  const address = pointAddress(origin, point, await writeRotating(key, point, step));
  return { is: "code", step, address, typed: await typedAt(reply, { point, hint }, now), ends: (step + 1) * STEP_MS };
}

/**
 * @param {DoorReply} reply
 * @param {{point: string, hint: string}} at
 * @param {number} now
 */
async function typedAt(reply, { point, hint }, now) {
  const block = blockAt(now);
  const key = keyOf(reply, dayOf(block, BLOCK_MS));
  return key ? writeTyped(key, { point, hint }, block) : null;
}

/**
 * @param {DoorReply} reply
 * @param {string} day
 */
function keyOf({ days }, day) {
  const found = days.find((one) => one.day === day);
  return found ? fromBase64url(found.key) : null;
}
