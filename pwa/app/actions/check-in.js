/** Says "I was here" by a scanned or typed code. */

import { savedCodes } from "../store/bundles.js";
import { serverNow } from "../store/clock.js";
import { verifyProof } from "./codes.js";
import { record } from "./record.js";

/**
 * @param {{point?: string | null, proof?: string | null, typed?: string | null, activity?: string | null, begun?: import("../store/device.js").Turn}} code
 *   begun: the turn in which it was scanned · proof: the whole fragment, kind character included
 * @returns {Promise<OutboxItem>} its `local` says what this phone makes of the code
 */
export async function checkIn({ point = null, proof = null, typed = null, activity = null, begun }) {
  const codes = await savedCodes();
  const known = activity ?? codes.find((code) => code.point === point)?.activity ?? null;
  const local = point ? await verifyProof(codes, point, proof, await serverNow()) : "unknown";
  return record("checkin.scan", { point, proof, typed, activity: known }, { local, begun });
}
