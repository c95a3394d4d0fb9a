/** The recovery kit: 16 random bytes as twelve words and a code on paper. Only their hash ever leaves this phone. */

import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { language } from "../i18n.js";
import { newId } from "../store/ids.js";
import { toBase64url, utf8 } from "../sync/bytes.js";
import { record } from "./record.js";

const WORDS = 12;
/** The first letters of a word by which it is known (BIP 39). */
const LETTERS = 4;

/** Lists of words by language; Dutch has none. @type {Record<string, () => Promise<{wordlist: string[]}>>} */
const LISTS = {
  en: () => import("@scure/bip39/wordlists/english.js"),
  es: () => import("@scure/bip39/wordlists/spanish.js"),
};

/** @typedef {{kit: string, words: string[], lang: string, address: string}} Kit lang: of the words · address: what the code says */

/**
 * Make a recovery kit; those there were end.
 * @param {string[]} before ids of kits
 * @returns {Promise<Kit>} shown once: nobody keeps the words but the paper
 */
export async function makeKit(before) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const lang = LISTS[language()] ? language() : "en";
  const words = entropyToMnemonic(bytes, (await LISTS[lang]()).wordlist).split(/\s/);
  const [kit, secret] = [newId(), toBase64url(bytes)];
  const digest = toBase64url(await crypto.subtle.digest("SHA-256", utf8(secret)));
  await record("kit.make", { kit, digest, label: null });
  for (const old of before) await dropKit(old);
  return { kit, words, lang, address: `${location.origin}/${language()}/enter#kit.${secret}` };
}

/** @param {string} kit */
export const dropKit = (kit) => record("kit.drop", { kit });

/**
 * Read the words as people write them: any case, any space, marks left out, four letters of each are enough.
 * @param {string} text
 * @returns {Promise<{secret: string} | {wrong: "count", count: number} | {wrong: "word", word: string} | {wrong: "order"}>}
 *   order: each is a word of a kit, and together they are none
 */
export async function readWords(text) {
  const given = fold(text).split(/[^a-z]+/).filter(Boolean);
  if (given.length !== WORDS) return { wrong: "count", count: given.length };
  const unknown = [];
  for (const load of Object.values(LISTS)) {
    const { wordlist } = await load();
    const known = new Map(wordlist.map((word) => [start(fold(word)), word]));
    const words = given.map((word) => known.get(start(word)));
    const missing = given.find((_, place) => !words[place]);
    if (missing) unknown.push({ word: missing, found: words.filter(Boolean).length });
    else {
      const secret = secretOf(/** @type {string[]} */ (words), wordlist);
      if (secret) return { secret };
    }
  }
  if (unknown.length < Object.keys(LISTS).length) return { wrong: "order" };
  return { wrong: "word", word: unknown.sort((a, b) => b.found - a.found)[0].word };
}

/** @param {string} text */
const fold = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

/** @param {string} word */
const start = (word) => word.slice(0, LETTERS);

/**
 * @param {string[]} words
 * @param {string[]} wordlist
 * @returns {string | null} null when their check does not fit
 */
function secretOf(words, wordlist) {
  try {
    return toBase64url(mnemonicToEntropy(words.join(" "), wordlist));
  } catch {
    return null;
  }
}
