/** The address by which a phone opens a session's door: all that counts stands behind the "#", which no server gets. */

import { language } from "../i18n.js";

const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const FRAGMENT = new RegExp(`^#(${UUID}\\.[A-Za-z0-9_-]{16,64})$`);

/**
 * @param {string} fragment with its "#"
 * @returns {string | null} "{link id}.{secret}", or null when it is none, or not whole
 */
export const readDoorLink = (fragment) => FRAGMENT.exec(fragment)?.[1] ?? null;

/**
 * @param {string} link
 * @param {string} origin such as location.origin
 */
export const doorAddress = (link, origin) => `${origin}/${language()}/door#${link}`;
