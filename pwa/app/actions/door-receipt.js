/** What a door's phone shows to the phone of somebody it has let in, so that both hold the word with no network. */

import { device } from "../store/device.js";
import { sign } from "../sync/keys.js";
import { clockOf } from "./door-code.js";
import { ownOrigin } from "./own-address.js";
import { pointAddress, writeReceipt } from "./passes.js";
import { stepAt } from "./rotating.js";

/**
 * @param {Door} door
 * @param {string} learnerDevice of the pass
 * @returns {Promise<string>} the text of a QR code
 */
export async function makeReceipt(door, learnerDevice) {
  const row = /** @type {DeviceRow} */ (await device(door.learner));
  const signer = { device: row.device, sign: (/** @type {Uint8Array<ArrayBuffer>} */ bytes) => sign(row.keys, bytes) };
  const { point } = door.reply;
  const { host, origin } = ownOrigin();
  const fragment = await writeReceipt({ host, point, learnerDevice, step: stepAt(clockOf(door)) }, signer);
  return pointAddress(origin, point, fragment);
}
