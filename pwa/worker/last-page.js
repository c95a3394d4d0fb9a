/** The page of last resort: made here from nothing that could be missing, when neither network nor store has one. */

import { gettext, useMessages } from "../app/i18n.js";

const RIGHT_TO_LEFT = /^(ar|fa|he|ur|ps|ckb|dv|yi)(-|$)/;

/**
 * Say that there is no network, in the language of the address if its strings are kept, else in English.
 * @param {URL} url
 * @returns {Promise<Response>}
 */
export async function lastPage(url) {
  const asked = /^\/([a-z]{2,3}(?:-[A-Za-z]+)?)(?=\/|$)/.exec(url.pathname)?.[1] ?? "en";
  const strings = await stringsOf(asked).catch(() => null);
  useMessages(strings ?? { messages: {}, plural: "" });
  const html = page(strings ? asked : "en", /\/repair$/.test(url.pathname));
  const policy = `default-src 'none'; style-src 'sha256-${await hashOf(STYLE)}'`;
  const headers = { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Content-Security-Policy": policy };
  return new Response(html, { status: 503, headers });
}

const STYLE = `:root{color-scheme:light dark;font:1.125rem/1.5 system-ui,sans-serif}body{margin:0 auto;max-width:32rem;padding:2rem 1rem}
a{display:inline-block;min-block-size:2.75rem;line-height:2.75rem}`;

/** @param {string} words */
async function hashOf(words) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(words));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

/** @param {string} lang */
async function stringsOf(lang) {
  const name = new RegExp(`/messages-${lang}-[^/]+\\.json$`);
  for (const cacheName of await caches.keys()) {
    const cache = await caches.open(cacheName);
    const found = (await cache.keys()).find(({ url }) => name.test(url));
    if (found) return (await cache.match(found))?.json();
  }
  return null;
}

/**
 * @param {string} lang
 * @param {boolean} isRepair the repair page itself is missing: no link to it
 */
function page(lang, isRepair) {
  const dir = RIGHT_TO_LEFT.test(lang) ? "rtl" : "ltr";
  const repair = isRepair ? "" : `<p><a href="/repair">${text(gettext("Repair"))}</a></p>`;
  return `<!doctype html><html lang="${lang}" dir="${dir}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${text(gettext("No network"))}</title>
<style>${STYLE}</style>
<main><h1>${text(gettext("No network"))}</h1>
<p>${text(gettext("There is no network just now. What you saved still works, and what you do is sent later."))}</p>
<p><a href="">${text(gettext("Try again"))}</a></p>${repair}</main></html>`;
}

/** Translations are words, never markup. @param {string} words */
const text = (words) => words.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
