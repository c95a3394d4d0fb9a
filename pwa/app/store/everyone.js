/** What all learners of this phone have on it together: for what concerns the phone and not one of them. */

import { dbIfAny } from "./db.js";

/** @returns {Promise<OutboxItem[]>} */
export async function everyItem() {
  return (await (await dbIfAny())?.getAll("outbox")) ?? [];
}

/** @returns {Promise<FeedRow[]>} */
export async function everyRow() {
  return (await (await dbIfAny())?.getAll("feed")) ?? [];
}
