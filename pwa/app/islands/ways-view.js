/** The ways back in as they stand: what the server says, with what this phone has recorded since and not heard of yet. */
import { awards, feed } from "../store/feed.js";
import { isWaiting, outbox } from "../store/outbox.js";
import { everyone } from "../store/people.js";

/**
 * @typedef {PasskeyRow & {waits: boolean}} Passkey waits: made here and not sent yet
 * @typedef {KitRow & {waits: boolean}} Kit
 * @typedef {{passkeys: Passkey[], kits: Kit[], mails: MailRow[], refused: OutboxItem[]}} Ways refused: passkeys that the server did not take
 * @typedef {Ways & {badges: number, waiting: number, between: boolean, begun: boolean}} Account between: several share this
 *   device and it is nobody's turn · begun: somebody has done something here
 */

/** @returns {Promise<Account>} */
export async function lookAtAccount() {
  const [rows, items, badges, people] = await Promise.all([feed(), outbox(), awards(), everyone()]);
  const between = people.length > 0 && !people.some(({ atWork }) => atWork);
  const standing = badges.filter(({ revoked_at }) => !revoked_at);
  const begun = rows.length > 0 || items.length > 0;
  return { ...waysOf(rows, items), badges: standing.length, waiting: items.filter(isWaiting).length, between, begun };
}

/**
 * @param {FeedRow[]} rows
 * @param {OutboxItem[]} items newest first
 * @returns {Ways}
 */
export function waysOf(rows, items) {
  const told = new Map(rows.map(({ key, row }) => [key, row]));
  for (const item of [...items].reverse()) if (item.state !== "accepted" && item.state !== "declined") foresee(told, item);
  return {
    passkeys: under(told, "passkey:"),
    kits: under(told, "kit:"),
    mails: under(told, "mail:"),
    refused: items.filter(({ type, state, dismissed }) => type === "passkey.add" && state === "declined" && !dismissed),
  };
}

/**
 * @param {Map<string, any>} told
 * @param {string} kind
 */
function under(told, kind) {
  const all = [...told].filter(([key]) => key.startsWith(kind)).map(([, row]) => ({ waits: false, ...row }));
  return all.sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
}

/**
 * @param {Map<string, any>} told
 * @param {OutboxItem} item
 */
function foresee(told, { id, type, body, at }) {
  const made = { created_at: new Date(at).toISOString(), used_at: null, waits: true };
  if (type === "passkey.add") told.set(`passkey:${id}`, { id, credential: body.credential.id, transports: [], name: body.name, synced: false, ...made });
  if (type === "passkey.rename" && told.has(`passkey:${body.passkey}`)) told.set(`passkey:${body.passkey}`, { ...told.get(`passkey:${body.passkey}`), name: body.name });
  if (type === "passkey.remove") told.delete(`passkey:${body.passkey}`);
  if (type === "kit.make") told.set(`kit:${body.kit}`, { id: body.kit, label: "", ...made });
  if (type === "kit.drop") told.delete(`kit:${body.kit}`);
}
