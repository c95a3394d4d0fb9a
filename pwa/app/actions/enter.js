/** Getting back in by a recovery kit or a mail, on a phone that knows nothing yet. Each ends in an invitation. */

import { language } from "../i18n.js";
import { post } from "../sync/api.js";

/**
 * @typedef {import("./invitations.js").Invitation} Invitation
 * @typedef {{learner: string, badges: number, since: string, seen: string | null}} Choice one of several who share an address
 * @typedef {{kind: "kit" | "mail" | "confirm", token: string}} Way what stands behind the "#" of a code or a mail's link
 */

/**
 * @param {string} fragment with its "#"
 * @returns {Way | null} null when it is none, or not whole
 */
export function readWay(fragment) {
  const [, kind, token] = /^#(?:(kit(?=\.[\w-]{22}$)|mail(?=\.[\w-]{32}$)|confirm(?=\.[\w-]{32}$))\.([\w-]+))$/.exec(fragment) ?? [];
  return kind ? { kind: /** @type {Way["kind"]} */ (kind), token } : null;
}

/** @param {string} secret @returns {Promise<Invitation>} */
export const enterByKit = async (secret) => (await post("/api/enter/kit", { secret })).json();

/** Have a link sent, if the address is known: the answer is the same. @param {string} address */
export const askForMail = (address) => post("/api/enter/mail", { address, lang: language() });

/**
 * Use a mail's link.
 * @param {string} token
 * @param {string} [learner] the one chosen
 * @returns {Promise<{entry: Invitation | null, choices: Choice[]}>} choices: when the address is of several
 */
export const openMail = async (token, learner) => (await post("/api/enter/mail/open", learner ? { token, learner } : { token })).json();

/** @param {string} token @returns {Promise<{address: string}>} */
export const confirmMail = async (token) => (await post("/api/mails/confirm", { token })).json();

/**
 * Where the code of a recovery kit leads, when it is this city's.
 * @param {string} text of a QR code
 * @param {string[]} ownHosts
 * @returns {string | null} path and fragment
 */
export function wayIn(text, ownHosts) {
  const [, host, fragment] = /^https?:\/\/([^/]+)\/[A-Za-z-]+\/enter\/?(#kit\.[\w-]+)$/.exec(text.trim()) ?? [];
  return host && ownHosts.includes(host) ? `/${language()}/enter${fragment}` : null;
}
