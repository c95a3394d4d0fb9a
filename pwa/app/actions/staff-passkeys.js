/** Passkeys of staff: the server says what to ask the browser for, and gets the answer in a form. */

import {
  browserSupportsWebAuthn,
  browserSupportsWebAuthnAutofill,
  startAuthentication,
  startRegistration,
  WebAuthnAbortService,
} from "@simplewebauthn/browser";
import { getFile, Later, Offline, Rejected } from "../sync/api.js";

/** @returns {boolean} */
export const knowsPasskeys = () => browserSupportsWebAuthn();

/** Whether the browser offers passkeys in a field, as it does passwords. */
export const offersInField = () => browserSupportsWebAuthnAutofill();

/**
 * Ask the browser for a passkey.
 * @param {"show" | "make"} purpose
 * @param {string} options address of what to ask for
 * @param {boolean} [inField] wait until the person chooses one in the form's field
 * @returns {Promise<string>} the credential as JSON
 */
export async function askPasskey(purpose, options, inField = false) {
  const reply = await getFile(options, { method: "POST", headers: { Accept: "application/json" } });
  const optionsJSON = await reply.json();
  const credential =
    purpose === "make"
      ? await startRegistration({ optionsJSON })
      : await startAuthentication({ optionsJSON, useBrowserAutofill: inField });
  return JSON.stringify(credential);
}

/** Stop waiting for a passkey in a field. */
export const stopAsking = () => WebAuthnAbortService.cancelCeremony();

/**
 * Why it did not work: the person stopped it or was too slow, this device has one already, or it is of no use here;
 * `ask`: the page is to be loaded again, for it then asks first who this is.
 * @param {unknown} error
 * @returns {"stopped" | "known" | "replaced" | "offline" | "ask" | "refused"}
 */
export function whyNot(error) {
  if (error instanceof Offline || error instanceof Later) return "offline";
  if (error instanceof Rejected) return error.status === 401 ? "ask" : "refused";
  const { name, code, cause } = /** @type {{name?: string, code?: string, cause?: {name?: string}}} */ (error ?? {});
  if (code === "ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED" || name === "InvalidStateError") return "known";
  if (code === "ERROR_CEREMONY_ABORTED" || name === "AbortError") return "replaced";
  return name === "NotAllowedError" || cause?.name === "NotAllowedError" ? "stopped" : "refused";
}
