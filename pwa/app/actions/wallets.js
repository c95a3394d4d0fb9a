/** Outside wallets: answering one that asks for badges, seeing which may read them, and saying stop. */

import { device } from "../store/device.js";
import { signedCall } from "../sync/api.js";
import { sign } from "../sync/keys.js";

/** Nobody who has learned on this phone is at work, so nobody can answer. */
export class NobodyHere extends Error {}

/**
 * Answer a wallet. The whole answer is signed with the learner's key.
 * @param {Record<string, string>} asked the wallet's request
 * @param {boolean} allowed
 * @param {string[] | null} awards null: all, and those to come
 * @returns {Promise<string>} where the browser goes now
 */
export async function answerWallet(asked, allowed, awards) {
  const body = JSON.stringify({ asked, allowed, awards });
  const headers = { "Content-Type": "application/json" };
  const reply = await signedCall("POST", "/api/wallets/answer", 0, await signer(), { body, headers, signed: body });
  return (await reply.json()).url;
}

/** @returns {Promise<AllowedWallet[]>} */
export async function allowedWallets() {
  const reply = await signedCall("GET", "/api/wallets", 0, await signer(), { cache: "no-store" });
  return (await reply.json()).wallets;
}

/** @param {string} id */
export async function withdrawWallet(id) {
  await signedCall("DELETE", `/api/wallets/${id}`, 0, await signer());
}

async function signer() {
  const row = await device();
  if (!row) throw new NobodyHere();
  return { device: row.device, sign: (/** @type {Uint8Array<ArrayBuffer>} */ bytes) => sign(row.keys, bytes) };
}
