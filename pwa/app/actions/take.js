/** Takes badges that an organiser gave by name to this phone, by the link that came with them. */

import { awards } from "../store/feed.js";
import { outbox } from "../store/outbox.js";
import { record } from "./record.js";

const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const FRAGMENT = new RegExp(`^#(${UUID}\\.[A-Za-z0-9_-]{32})$`);

/**
 * @param {string} fragment with its "#"
 * @returns {string | null} the link as the server reads it, or null when it is none, or not whole
 */
export const readTakeLink = (fragment) => FRAGMENT.exec(fragment)?.[1] ?? null;

/**
 * Take what the link stands for. The badges are here once the server has said so.
 * @param {string} link
 */
export const take = (link) => record("award.take", { link });

/**
 * How far the taking is: the newest event about this link, and the badges that have come.
 * @param {string} link
 * @returns {Promise<{asked: OutboxItem | undefined, came: AwardRow[]}>}
 */
export async function takeStanding(link) {
  const [items, rows] = await Promise.all([outbox(), awards()]);
  const asked = items.filter(({ type, body }) => type === "award.take" && body.link === link).at(-1);
  const ids = /** @type {string[]} */ (asked?.effect?.awards ?? []);
  return { asked, came: rows.filter(({ id }) => ids.includes(id)) };
}
