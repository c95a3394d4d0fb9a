/** The service worker's address, for pages on which no text may become a script's address (Trusted Types). */

const ADDRESS = "/service-worker.js";

/** The one policy that the server lets a page have; whatever it is given, it answers this address. @type {any} */
const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("streetwise", { createScriptURL: () => ADDRESS });

/** @returns {string} what `register` takes */
export const workerAddress = () => policy?.createScriptURL("") ?? ADDRESS;
