/** Passkeys: made on this phone with no network too, and shown to get back in. The browser asks for finger, face or PIN. */

import { startAuthentication, startRegistration, WebAuthnAbortService, WebAuthnError } from "@simplewebauthn/browser";
import { atWork, device } from "../store/device.js";
import { person } from "../store/people.js";
import { post } from "../sync/api.js";
import { toBase64url, utf8 } from "../sync/bytes.js";
import { agent, introduceAs } from "../sync/events.js";
import { handleOf, passkeyIsGone } from "../sync/passkeys.js";
import { record } from "./record.js";

export { browserSupportsWebAuthnAutofill } from "@simplewebauthn/browser";

/** Kinds of signatures that the server reads, the best first: Ed25519, ES256, RS256. */
const KINDS = [-8, -7, -257];
const PATIENCE_MS = 5 * 60_000;

/**
 * Make a passkey and record it. Its challenge comes from the event itself, so no server is asked.
 * @param {{site: string, label: string, key: string, known: string[]}} how site: the city's name · label: of a learner without
 *   a name · key: how a passkey on a stick is called · known: passkeys there are, so that nobody makes one twice
 * @returns {Promise<OutboxItem>}
 */
export async function addPasskey({ site, label, key, known }) {
  const { learner, device: id, begun } = await whoAdds();
  const nonce = toBase64url(crypto.getRandomValues(new Uint8Array(16)));
  const challenge = toBase64url(await crypto.subtle.digest("SHA-256", utf8(`streetwise passkey\n${learner}\n${id}\n${nonce}`)));
  const called = (await person(learner))?.name || label;
  const credential = await startRegistration({
    optionsJSON: {
      challenge,
      rp: { id: location.hostname, name: site },
      user: { id: handleOf(learner), name: called, displayName: called },
      pubKeyCredParams: KINDS.map((alg) => ({ alg, type: "public-key" })),
      excludeCredentials: known.map((one) => ({ id: one, type: "public-key" })),
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "preferred" },
      attestation: "none",
      timeout: PATIENCE_MS,
    },
  });
  const name = credential.authenticatorAttachment === "cross-platform" ? key : agent();
  return record("passkey.add", { nonce, name, credential }, { begun });
}

/** Whoever is at work, with a device: a passkey may well be the first thing somebody does here. */
async function whoAdds() {
  const begun = await atWork();
  if (!(await device(begun.learner))) await introduceAs(begun.learner, {});
  const row = /** @type {DeviceRow} */ (await device(begun.learner || undefined));
  return { learner: row.learner, device: row.device, begun: { ...begun, learner: row.learner } };
}

/** @param {string} passkey @param {string} name */
export const renamePasskey = (passkey, name) => record("passkey.rename", { passkey, name });

/** @param {{id: string, credential: string}} passkey */
export async function removePasskey({ id, credential }) {
  await record("passkey.remove", { passkey: id });
  await passkeyIsGone(credential);
}

/**
 * Show a passkey and be let in.
 * @param {{autofill?: boolean}} [how] autofill: the browser offers it where one writes, and waits as long as it takes
 * @returns {Promise<import("./invitations.js").Invitation>}
 */
export async function enterByPasskey({ autofill = false } = {}) {
  const optionsJSON = await (await post("/api/enter/passkey/options", {})).json();
  const credential = await startAuthentication({ optionsJSON, useBrowserAutofill: autofill });
  return (await post("/api/enter/passkey", { credential })).json();
}

/** Stop asking. */
export const stopAsking = () => WebAuthnAbortService.cancelCeremony();

/**
 * What became of a question for a passkey: there is one here already · the person said no, or there was none.
 * @param {unknown} error
 * @returns {"known" | "no" | "other"}
 */
export function whyNot(error) {
  if (error instanceof WebAuthnError && error.code === "ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED") return "known";
  const { name } = /** @type {Error} */ (error);
  return name === "NotAllowedError" || name === "AbortError" ? "no" : "other";
}
