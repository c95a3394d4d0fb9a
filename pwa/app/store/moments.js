/** Moments to wait for, as a phone's clock tells them: it may have been set back since. */

/** The longest that one thing is put off before it is tried again. */
export const ASIDE_MS = 6 * 3600 * 1000;

/**
 * Is a moment still to come? One further away than anybody waits was written before the clock was set back, and
 * waiting for it could take years.
 * @param {number | null | undefined} until ms
 * @param {number} now ms
 * @param {number} most ms; the longest that it can have been away when it was written
 */
export const isAhead = (until, now, most) => Boolean(until && until > now && until <= now + most);
