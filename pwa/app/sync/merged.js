/** The server says that a learner turned out to be another: the phone goes on in that name. */

import "../load/ground.js";
import { become } from "../store/become.js";
import { requestSync } from "./triggers.js";

/**
 * @param {string} learner who it is by now
 * @param {string} former
 * @returns {Promise<false>} the cycle of the former ends here
 */
export async function goOnAs(learner, former) {
  await become(former, learner);
  void requestSync();
  return false;
}
