/** Whether this phone carries anything for others: each round of sync asks. What is done with it is in relay.js. */

import { dbIfAny } from "./db.js";

/**
 * Everything carried, in the order of the chains.
 * @returns {Promise<RelayItem[]>}
 */
export async function carried() {
  const items = (await (await dbIfAny())?.getAll("relay")) ?? [];
  return items.sort((a, b) => (a.device === b.device ? a.seq - b.seq : a.device < b.device ? -1 : 1));
}

/** Is anything still to be brought? */
export async function carries() {
  return (await carried()).some((item) => item.state === "carried");
}
