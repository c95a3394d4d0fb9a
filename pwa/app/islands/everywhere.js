/** What every page has and nobody waits for: the header's chip, celebrations, the app's own notices, the worker. */
import { startWorker } from "../actions/app-worker.js";
import { isShared } from "../actions/whose-turn.js";
import { gettext, language } from "../i18n.js";
import { whenTroubled } from "../store/db.js";
import { live } from "../store/live.js";
import { start as startCelebration } from "./celebration.jsx";
import { start as startStatus } from "./status.jsx";

/** An organiser's desk is no place for a learner's news: it is printed, and scanned from the screen. */
const DESK = /^\/desk(\/|$)/;

/** Start them all, last of all the worker. */
export async function start() {
  if (DESK.test(location.pathname)) return;
  const chip = document.getElementById("status");
  if (chip) {
    startStatus(chip);
    showWhoIsAtWork(chip);
  }
  startCelebration();
  whenTroubled(say);
  await startWorker(say);
}

/**
 * The words come only when there is something to say, and good news not before a check-in is on the screen.
 * @param {import("./app-notice.js").Saying} what
 * @param {import("./app-notice.js").Ways} [ways]
 */
async function say(what, ways) {
  while (what === "ready" && document.querySelector("[data-busy=true]")) await new Promise((go) => setTimeout(go, 200));
  (await import("./app-notice.js")).show(what, { gettext, lang: language() }, ways);
}

/**
 * Only where people share a device is there anything to show, or to load.
 * @param {HTMLElement} chip
 */
function showWhoIsAtWork(chip) {
  const stop = live(isShared, ["people"]).subscribe((shared) => {
    if (!shared) return;
    import("./people-header.jsx").then(({ start }) => start(chip), console.warn);
    queueMicrotask(() => stop());
  });
}
