/** Whether there are passkeys here: asked before what makes and shows them is fetched. */

/** Does this browser have passkeys, at this address? */
export const knowsPasskeys = () => Boolean(globalThis.isSecureContext && globalThis.PublicKeyCredential);
