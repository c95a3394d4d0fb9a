/** The same learner on two phones: the first one invites, the second one joins as a device of its own. */

import { device, learnerId } from "../store/device.js";
import { feed } from "../store/feed.js";
import { changed } from "../store/live.js";
import { bySending, changeItems, isUnsent, itemsOf } from "../store/outbox.js";
import { beginTurn, removePerson } from "../store/people.js";
import { ownKey, putSetting } from "../store/settings.js";
import { toBase64url, utf8 } from "../sync/bytes.js";
import { introduceAgain, introduceAs } from "../sync/events.js";
import { requestSync } from "../sync/triggers.js";
import { joinAddress } from "./invitations.js";
import { addPerson } from "./people.js";
import { record } from "./record.js";

/** @typedef {import("./invitations.js").Invitation} Invitation */

const VALID_MS = 24 * 3600_000;
/** How long a new phone waits for what is its learner's before it begins without. */
const PATIENCE_MS = 6_000;

/**
 * Let one more phone in. Only a hash of the secret is sent; the secret itself goes from screen to camera.
 * @returns {Promise<{event: string, hash: string, address: string, until: number, learner: string}>} address: to be shown as a QR code
 */
export async function invite() {
  const secret = toBase64url(crypto.getRandomValues(new Uint8Array(32)));
  const hash = toBase64url(await crypto.subtle.digest("SHA-256", utf8(secret)));
  const until = Date.now() + VALID_MS;
  const { id, learner } = await record("device.invite", { invite: hash, until });
  return { event: id, hash, learner, address: location.origin + joinAddress({ learner, secret }), until };
}

/**
 * Take an invitation back: said again, it ends now.
 * @param {{hash: string, learner: string}} made
 */
export function cancelInvitation({ hash, learner }) {
  return record("device.invite", { invite: hash, until: Date.now() }, { begun: { learner } });
}

/**
 * Become a device of an invited learner, beside whoever has worked here.
 * @param {Invitation} invitation
 * @param {{name: string, picture: string}} [who] how they are known on this phone; needed where others are
 */
export async function join({ learner, secret }, who) {
  // An earlier code that nobody let in gives way; work that hangs on it already goes by the new one.
  const isStuck = !["absent", "joined"].includes((await joined(learner)).state);
  if (isStuck && (await removePerson(learner))) await introduceAgain(learner, { invite: secret });
  else await introduceAs(learner, { invite: secret });
  await putOffNothing(learner);
  if (who) await addPerson(who, learner);
  await Promise.race([bringWhatIsThere(learner), new Promise((late) => setTimeout(late, PATIENCE_MS))]);
  if ((await learnerId()) !== learner) await beginTurn(learner);
  changed("outbox", "device");
  void requestSync();
}

/**
 * Fetch what the learner has before it is their turn here: badges that were celebrated elsewhere are no news.
 * @param {string} learner
 */
async function bringWhatIsThere(learner) {
  await requestSync();
  const known = (await feed(learner)).flatMap(({ key, row }) => (key.startsWith("award:") ? [row.id] : []));
  if (known.length) await putSetting(ownKey("celebrated", learner), known);
}

/**
 * How far a joining is: no row of the learner here · waiting to be let in · in · declined.
 * @param {string} learner
 * @returns {Promise<{state: "absent" | "sending" | "waiting" | "joined" | "declined", why: string | null}>}
 */
export async function joined(learner) {
  const hello = (await device(learner)) && (await helloOf(learner));
  if (!hello) return { state: (await device(learner)) ? "joined" : "absent", why: null };
  const { state, why } = hello;
  if (state === "accepted") return { state: "joined", why: null };
  if (state === "declined") return { state: "declined", why };
  return { state: why === "learner_taken" ? "waiting" : "sending", why };
}

/** Ask at once whether this phone is let in now, whenever the server would like to be asked. @param {string} learner */
export async function askAgain(learner) {
  await putOffNothing(learner);
  return requestSync();
}

/** What waited because this phone was not let in need not wait for its time. @param {string} learner */
async function putOffNothing(learner) {
  const ids = (await itemsOf(learner)).filter(isUnsent).map(({ id }) => id);
  await changeItems(ids, (item) => ({ ...item, aside_until: null }));
}

/** The one that let this phone in, else the newest. @param {string} learner */
async function helloOf(learner) {
  const hellos = (await itemsOf(learner)).filter(({ type }) => type === "device.hello").sort(bySending);
  return hellos.find(({ state }) => state === "accepted") ?? hellos[0];
}
