/** Links by which an organiser's door lets helpers open it too: the secret is made here, and only its hash is sent. */

import { changeDoor } from "../store/doors.js";
import { itemsOf } from "../store/outbox.js";
import { toBase64url, utf8 } from "../sync/bytes.js";
import { doorAddress } from "./door-links.js";
import { record } from "./record.js";

/**
 * A link as the organiser sees it. address: only where it was made here, once the server knows it.
 * @typedef {{key: string, id: string | null, label: string, ends: number | null, opened: boolean, address: string | null, state: "waiting" | "ready" | "revoked" | "refused", why: string | null}} HelperLink
 */

/**
 * @param {Door} door
 * @param {string} label for whom
 */
export async function makeHelperLink({ occurrence, learner, opened }, label) {
  const secret = toBase64url(crypto.getRandomValues(new Uint8Array(32)));
  const digest = toBase64url(await crypto.subtle.digest("SHA-256", utf8(secret)));
  const { id } = await record("door.link", { occurrence, digest, label }, { needs: [opened], begun: { learner } });
  await changeDoor(occurrence, (door) => door && { ...door, made: [...(door.made ?? []), { event: id, label, secret }] });
}

/**
 * @param {Door} door
 * @param {string} link its id
 */
export function revokeLink({ learner, opened }, link) {
  return record("door.revoke", { link }, { needs: [opened], begun: { learner } });
}

/**
 * All links of a door, those that open it first, the newest of them on top: those made here, and those that the server names.
 * @param {Door} door
 * @returns {Promise<HelperLink[]>}
 */
export async function helperLinks({ learner, reply, made = [] }) {
  const items = await itemsOf(learner);
  const revoked = new Set(items.filter(({ type, state }) => type === "door.revoke" && state !== "declined").map(({ body }) => body.link));
  const here = made.map((one) => madeHere(one, items.find(({ id }) => id === one.event), reply.links));
  const others = reply.links.filter(({ id, role }) => role === "helper" && !here.some((one) => one.id === id));
  const all = [...others.map((link) => ofServer(link)), ...here];
  const now = all.map((one) => (one.id && revoked.has(one.id) ? { ...one, state: /** @type {const} */ ("revoked"), address: null } : one));
  return now.reverse().sort((a, b) => Number(isOpen(b)) - Number(isOpen(a)));
}

/** @param {HelperLink} link */
const isOpen = ({ state }) => state === "ready" || state === "waiting";

/**
 * @param {NonNullable<Door["made"]>[number]} one
 * @param {OutboxItem | undefined} item
 * @param {DoorLink[]} links
 * @returns {HelperLink}
 */
function madeHere({ event, label, secret }, item, links) {
  const id = item?.effect?.link ?? null;
  const said = links.find((link) => link.id === id);
  if (said) return { ...ofServer(said), key: event, address: said.revoked ? null : doorAddress(`${id}.${secret}`, location.origin) };
  const refused = item?.state === "declined";
  return {
    key: event,
    id,
    label,
    ends: item?.effect?.ends ?? null,
    opened: false,
    address: id ? doorAddress(`${id}.${secret}`, location.origin) : null,
    state: refused ? "refused" : id ? "ready" : "waiting",
    why: item?.why ?? null,
  };
}

/**
 * @param {DoorLink} link
 * @returns {HelperLink}
 */
function ofServer({ id, label, ends, revoked, opened }) {
  return { key: id, id, label, ends, opened, address: null, state: revoked ? "revoked" : "ready", why: null };
}
