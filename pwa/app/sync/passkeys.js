/**
 * What the browser's password manager is told of passkeys, where it listens (WebAuthn Level 3, §5.1.10 “Signal Credential
 * Changes to the Authenticator”): it would go on offering what opens nothing any more.
 */

import { toBase64url } from "./bytes.js";

/** What a learner's passkeys carry as their user's handle: the 16 bytes of the id. @param {string} uuid */
export const handleOf = (uuid) => toBase64url(Uint8Array.from(uuid.replaceAll("-", "").match(/../g) ?? [], (pair) => parseInt(pair, 16)));

/** One was removed. @param {string} credentialId */
export const passkeyIsGone = (credentialId) => signal("signalUnknownCredential", { credentialId });

/** A learner erased everything. @param {string} learner */
export const passkeysAreGone = (learner) => signal("signalAllAcceptedCredentials", { userId: handleOf(learner), allAcceptedCredentialIds: [] });

/** @param {string} method @param {Record<string, unknown>} what */
async function signal(method, what) {
  const listener = /** @type {any} */ (globalThis.PublicKeyCredential);
  await listener?.[method]?.({ rpId: location.hostname, ...what }).catch(console.warn);
}
