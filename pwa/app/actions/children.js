/** What guardians do: add a child of theirs, consent, let further phones in; and what a child does: take over. */

import { atWork, device } from "../store/device.js";
import { feed } from "../store/feed.js";
import { newId } from "../store/ids.js";
import { outbox } from "../store/outbox.js";
import { everyone, putPerson } from "../store/people.js";
import { putSetting } from "../store/settings.js";
import { toBase64url, utf8 } from "../sync/bytes.js";
import { introduceAgain, introduceAs } from "../sync/events.js";
import { sign } from "../sync/keys.js";
import { requestSync } from "../sync/triggers.js";
import { joinAddress } from "./invitations.js";
import { record } from "./record.js";

const VALID_MS = 24 * 3600_000;

/**
 * @typedef {import("../store/people.js").Someone} Someone
 * @typedef {{words: string, lang: string}} Consent as it was shown
 * @typedef {{country: string, born: number, consent: Consent | null, named: boolean}} About named: the name may leave this phone
 * @typedef {{learner: string, row: ChildRow | null, person: Someone | null, asked: OutboxItem | null, did: {badges: string[], activities: number}}} Child
 *   row: as the server has it · person: on this phone · asked: what was said last and is not decided, or was refused
 */

/**
 * Become the guardian of somebody who is on this phone, or comes to it now. The child's own device signs that it agrees.
 * @param {{learner: string, name: string, picture: string} | {learner?: undefined, name: string, picture: string}} who
 * @param {About} about
 */
export async function addChild(who, { country, born, consent, named }) {
  const { learner: guardian } = await atWork();
  await introduceAs(guardian, {});
  const child = who.learner ?? (await putPerson(who, newId()));
  await introduceAs(child, {});
  const row = /** @type {DeviceRow} */ (await device(child));
  const word = await sign(row.keys, utf8(`streetwise child\n${guardian}\n${child}`));
  const shown = named ? { name: who.name, picture: who.picture } : { name: "", picture: "" };
  const body = { child, device: row.device, word, country, born, consent, ...shown };
  return record("child.add", body, { begun: { learner: guardian } });
}

/** Consent to a child's learning anew, or no longer (null). @param {string} child @param {Consent | null} consent */
export const changeConsent = (child, consent) => record("child.consent", { child, consent });

/**
 * Bring a child to this phone, which is one more of its guardian's.
 * @param {string} child
 * @param {{name: string, picture: string}} who
 */
export async function bringChild(child, who) {
  const { secret } = await letIn(child, false);
  if (await device(child)) await introduceAgain(child, { invite: secret });
  else await introduceAs(child, { invite: secret });
  await putPerson(who, child);
  void requestSync();
}

/**
 * Let the child's own phone in, which may then take over.
 * @param {string} child
 * @returns {Promise<{event: string, address: string, until: number}>} address: to be shown as a QR code
 */
export async function letOwnPhoneIn(child) {
  const { event, secret, until } = await letIn(child, true);
  return { event, address: location.origin + joinAddress({ learner: child, secret }), until };
}

/** @param {string} child @param {boolean} own */
async function letIn(child, own) {
  const secret = toBase64url(crypto.getRandomValues(new Uint8Array(32)));
  const invite = toBase64url(await crypto.subtle.digest("SHA-256", utf8(secret)));
  const until = Date.now() + VALID_MS;
  const { id } = await record("child.invite", { child, invite, until, own });
  return { event: id, secret, until };
}

/**
 * Erase everything of a child, here and on the server: sent when there is a network.
 * @param {string} child
 * @param {string} word as typed
 */
export async function eraseChild(child, word) {
  await putSetting(`synced_at@${child}`, 0); // so that the child asks right after this, and hears that it was erased
  return record("child.erase", { child, word });
}

/** Ask whether what the server holds back is decided by now. */
export const lookAgain = () => void requestSync();

/** From now on nobody looks after whoever is at work. */
export const takeOver = () => record("child.free", {});

/**
 * The children of whoever is at work, as far as this phone knows, first come first.
 * @returns {Promise<Child[]>}
 */
export async function children() {
  const [rows, items, people] = await Promise.all([feed(), outbox(), everyone()]);
  const asked = items.filter(({ type, state }) => /^child\.(add|consent|erase)$/.test(type) && state !== "accepted");
  const told = new Map(rows.filter(({ key }) => key.startsWith("child:")).map(({ row }) => [row.child, row]));
  const ids = [...new Set([...told.keys(), ...asked.map(({ body }) => body.child).reverse()])];
  return Promise.all(
    ids.map(async (learner) => ({
      learner,
      row: told.get(learner) ?? null,
      person: people.find((one) => one.learner === learner) ?? null,
      asked: asked.find(({ body }) => body.child === learner) ?? null,
      did: did(await feed(learner)),
    })),
  );
}

/** @param {FeedRow[]} rows of a child */
function did(rows) {
  const badges = rows.filter(({ key, row }) => key.startsWith("award:") && !row.revoked_at).map(({ row }) => row.name);
  return { badges, activities: rows.filter(({ key }) => key.startsWith("completion:activity:")).length };
}

/**
 * Who looks after whoever is at work, and whether they may take over on this phone.
 * @returns {Promise<{guarded: boolean, grown: boolean, own: boolean, hasWay: boolean, asked: OutboxItem | undefined}>}
 *   own: a guardian let a phone in as theirs, and no guardian learns on this one · grown: old enough without that
 */
export async function guarded() {
  const [rows, items, people] = await Promise.all([feed(), outbox(), everyone()]);
  const guardians = rows.filter(({ key }) => key.startsWith("guardian:"));
  const isHere = guardians.some(({ row }) => people.some(({ learner }) => learner === row.guardian));
  return {
    guarded: guardians.length > 0,
    grown: guardians.some(({ row }) => row.alone_from <= new Date().getFullYear()),
    own: !isHere && guardians.some(({ row }) => row.own),
    hasWay: rows.some(({ key }) => /^(passkey|kit|mail):/.test(key)),
    asked: items.find(({ type }) => type === "child.free"),
  };
}
