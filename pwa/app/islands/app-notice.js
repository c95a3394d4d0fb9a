/** What the app has to say about itself, at the foot of the page. Brought only when there is something to say, and given all it uses: an import would cut the first visit's bundle into more files. */

const SHOWN_MS = 6000;

/**
 * ready: opens with no network · update: a new version waits · sending, scan, typing: what it waits for · earlier: it rules, this
 * page is of the version before · the others: what is wrong with the database
 * @typedef {"ready" | "update" | "sending" | "scan" | "typing" | "earlier" | import("../store/db.js").Trouble} Saying
 * @typedef {{use?: () => void, leave?: () => void}} Ways what the buttons do
 * @typedef {{gettext: typeof import("../i18n.js").gettext, lang: string}} Words
 */

/** @type {HTMLElement | null} */
let place = null;

/**
 * Say something, on whatever page the learner is; null takes it away.
 * @param {Saying} what
 * @param {Words} words
 * @param {Ways} [ways]
 */
export function show(what, words, ways = {}) {
  const known = place !== null;
  place ??= makePlace();
  const parts = what ? [notice(what, words, ways)] : [];
  // A moment later, the first time: a screen reader hears what changes in a place that it knows.
  setTimeout(() => place?.replaceChildren(...parts), known ? 0 : 100);
  if (what === "ready") setTimeout(() => parts[0].remove(), SHOWN_MS);
}

function makePlace() {
  const element = document.createElement("div");
  element.className = "app-notice";
  element.setAttribute("role", "status");
  document.body.append(element);
  return element;
}

/**
 * @param {NonNullable<Saying>} what
 * @param {Words} words
 * @param {Ways} ways
 */
function notice(what, words, { use, leave }) {
  const { gettext, lang } = words;
  const element = document.createElement("p");
  element.className = "app-notice-words";
  element.append(wordsFor(what, words));
  const close = () => element.remove();
  const buttons = document.createElement("span");
  buttons.className = "app-notice-ways";
  if (what === "unreadable" || what === "broken") {
    const link = Object.assign(document.createElement("a"), { href: `/${lang}/repair`, textContent: gettext("Repair") });
    buttons.append(link, button(gettext("Later"), close));
  }
  if (what === "update") buttons.append(button(gettext("Use it now"), use));
  if (what === "earlier") buttons.append(button(gettext("Reload"), () => location.reload()));
  if (what === "update" || what === "earlier") {
    const later = () => {
      leave?.();
      close();
    };
    buttons.append(button(gettext("Later"), later));
  }
  if (buttons.hasChildNodes()) element.append(buttons);
  return element;
}

/**
 * @param {NonNullable<Saying>} what
 * @param {Words} words
 */
function wordsFor(what, { gettext }) {
  const all = {
    ready: gettext("This app now opens with no network."),
    update: gettext("A new version is ready."),
    sending: gettext("The new version takes over when sending is done."),
    scan: gettext("The new version takes over when the camera is closed."),
    typing: gettext("The new version takes over when you have finished typing."),
    earlier: gettext("This page is of an earlier version. It works on; reload it when you like."),
    unreadable: gettext("Your earlier work on this phone cannot be read just now; it is kept."),
    broken: gettext("This phone lets the app keep nothing just now."),
    blocked: gettext("Another tab has this app open in an earlier version. Please close or reload it."),
  };
  return all[what];
}

/**
 * @param {string} words
 * @param {() => void} [tapped]
 */
function button(words, tapped) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = words;
  element.addEventListener("click", () => tapped?.());
  return element;
}
