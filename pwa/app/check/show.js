/** Puts what was read and found on the page, as text only. The words stand in the file, in templates. */

/** @typedef {import("./verify.js").Report} Report */

const STATES = { ok: "state-ok", failed: "state-bad", unchecked: "state-unknown" };

/**
 * @param {any} badge
 * @param {Report} report
 */
export function show(badge, report) {
  const achievement = badge.credentialSubject?.achievement ?? {};
  const states = Object.values(report).map(({ state }) => state);
  const verdict = report.signature.state !== "ok" ? report.signature.state : states.includes("failed") ? "failed" : "since";
  write("name", badge.name ?? achievement.name);
  write("issuer", badge.issuer?.name);
  write("description", achievement.description);
  write("criteria", achievement.criteria?.narrative);
  write("earned", dateWords(badge.awardedDate ?? badge.validFrom));
  say(verdict, report.status.date);
  for (const [name, result] of Object.entries(report)) {
    const row = element(`check-${name}`);
    row.dataset.state = result.state;
    const [state, text] = row.querySelectorAll("span, p");
    state.className = `state ${STATES[result.state]}`;
    state.textContent = words(`state-${result.state}`);
    text.textContent = words(result.say, result.date);
  }
  element("badge-shown").hidden = element("results").hidden = false;
}

/**
 * What was given is no badge that can be read: nothing of the one before may stand there.
 * @param {"unreadable" | "no-reader"} why
 */
export function failed(why) {
  say(why);
  element("badge-shown").hidden = element("results").hidden = true;
}

/**
 * @param {string} verdict
 * @param {string} [date]
 */
function say(verdict, date) {
  const place = element("verdict");
  place.dataset.verdict = verdict;
  place.className = `state ${["since", "unchecked", "no-reader"].includes(verdict) ? STATES.unchecked : STATES.failed}`;
  place.textContent = words(verdict === "since" && !date ? "verdict-no-list" : `verdict-${verdict}`, date);
}

/**
 * @param {string} key
 * @param {string} [date]
 */
function words(key, date) {
  const found = /** @type {HTMLTemplateElement | null} */ (document.querySelector(`template[data-say="${key}"]`));
  return (found?.content.textContent ?? "").trim().replace("%(date)s", dateWords(date));
}

/** @param {unknown} iso */
function dateWords(iso) {
  const date = new Date(typeof iso === "string" ? iso : NaN);
  return Number.isNaN(date.getTime()) ? "–" : date.toLocaleDateString(document.documentElement.lang, { dateStyle: "long", timeZone: "UTC" });
}

/**
 * @param {string} id
 * @param {unknown} text
 */
function write(id, text) {
  const place = element(id);
  place.textContent = typeof text === "string" ? text.slice(0, 5000) : "";
  const row = place.closest("[data-row]");
  if (row instanceof HTMLElement) row.hidden = !place.textContent;
}

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
