/** The address of this city: the one that its pages call their own, and the one that we are at. */

/** @returns {URL} what a pass is made for and the server answers to */
export function ownOrigin() {
  const canonical = globalThis.document?.querySelector("link[rel=canonical]");
  return new URL(canonical instanceof HTMLLinkElement ? canonical.href : location.href);
}

/** @returns {string[]} hosts whose codes are ours */
export const ownHosts = () => [location.host, ownOrigin().host];
