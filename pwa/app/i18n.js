/** Interface strings in the page's language, from the same catalogue as the server's; English is the source. */

/** @type {Record<string, string | string[]>} */
let messages = {};

/** For each number from 0 to 199, which plural form: exact for every language, and needs no eval. */
let plural = "";

/**
 * Speak another language from now on.
 * @param {{messages: Record<string, string | string[]>, plural: string}} catalogue
 */
export function useMessages(catalogue) {
  messages = catalogue.messages;
  plural = catalogue.plural;
}

/** @returns {string} such as "nl" */
export function language() {
  return globalThis.document?.documentElement.lang || "en";
}

/**
 * @param {string} message English, with %(name)s for values
 * @param {Record<string, unknown>} [values]
 * @returns {string}
 */
export function gettext(message, values) {
  const found = messages[message];
  return format((Array.isArray(found) ? found[0] : found) || message, values);
}

/**
 * @param {string} one
 * @param {string} many
 * @param {number} n also there as %(num)s
 * @param {Record<string, unknown>} [values]
 * @returns {string}
 */
export function ngettext(one, many, n, values) {
  const found = messages[one];
  const form = Array.isArray(found) ? found[pluralForm(n)] : undefined;
  return format(form || (n === 1 ? one : many), { num: n, ...values });
}

/** @param {number} n */
function pluralForm(n) {
  return Number(plural[n < 200 ? n : 100 + (n % 100)] ?? (n === 1 ? 0 : 1));
}

/**
 * Put values in the places of %(name)s; %% is a per cent sign.
 * @param {string} message
 * @param {Record<string, unknown>} [values]
 */
export function format(message, values) {
  if (!values) return message;
  return message.replace(/%%|%\((\w+)\)[sd]/g, (place, name) =>
    place === "%%" ? "%" : String(values[name] ?? place),
  );
}

/**
 * Content that organisers wrote in several languages: the page's, else English, else any.
 * @param {Record<string, string> | null | undefined} texts
 * @returns {string}
 */
export function inLanguage(texts) {
  return texts?.[language()] ?? texts?.en ?? Object.values(texts ?? {})[0] ?? "";
}
