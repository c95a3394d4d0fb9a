/** Looking for skills and competences in the frameworks that the server knows; only with a network. */
import { language } from "../i18n.js";
import { getFile } from "../sync/api.js";

/** @type {Map<string, Promise<FoundTerms>>} what was answered on this page */
const answered = new Map();

/**
 * @param {string} words in any language, or their beginnings
 * @param {string} framework its key, or "" for all
 * @returns {Promise<FoundTerms>}
 */
export const findTerms = (words, framework) => ask({ q: words, framework });

/**
 * List what stands right below a term, or at the top of a framework.
 * @param {string} framework
 * @param {string} under a term's uri, or ""
 */
export const listTerms = (framework, under) => ask({ framework, under });

/** @param {Record<string, string>} asked */
function ask(asked) {
  const url = `/api/frameworks/terms?${new URLSearchParams({ ...asked, lang: language() })}`;
  const known = answered.get(url);
  if (known) return known;
  const answer = fetchTerms(url);
  answered.set(url, answer);
  answer.catch(() => answered.delete(url));
  return answer;
}

/**
 * @param {string} url
 * @returns {Promise<FoundTerms>}
 */
async function fetchTerms(url) {
  const reply = await getFile(url);
  if (!reply.ok) throw new Error(`terms: HTTP ${reply.status}`);
  return reply.json();
}
