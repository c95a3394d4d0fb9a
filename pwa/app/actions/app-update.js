/** A new version of the app: it waits, takes over when that interrupts nothing, and pages of the old one go on with their own files. Given all it uses, as app-notice.js is. */

/** How often a page that waits looks whether it is time. */
const LOOK_MS = 500;

const LEFT = "streetwise-update-left";

/** @type {ServiceWorkerRegistration | null} */
let registration = null;

/** @type {import("./app-worker.js").Say} */
let tell = () => {};

let isSyncing = () => false;

/** The person has asked for the new version in this page. */
let asked = false;

/**
 * Look for a version that waits, now and whenever one comes. To be called once this page has a worker.
 * @param {ServiceWorkerRegistration} followed
 * @param {import("./app-worker.js").Say} say called when there is something to say
 * @param {() => boolean} syncs whether a cycle runs
 */
export function followUpdates(followed, say, syncs) {
  if (registration) return;
  [registration, tell, isSyncing] = [followed, say, syncs];
  navigator.serviceWorker.addEventListener("controllerchange", otherVersionRules);
  followed.addEventListener("updatefound", watchInstalling);
  watchInstalling();
  document.addEventListener("visibilitychange", () => void offerQuietly());
  if (followed.waiting) void newVersionWaits();
}

/** Let the new version take over as soon as nothing is in hand, and show this page with it. */
async function takeUpdate() {
  asked = true;
  let told = null;
  for (let reason; registration?.waiting && (reason = await ask(false)); await pause()) {
    if (reason !== told) tell(reason);
    told = reason;
  }
}

/** Another version has taken over: the page that asked for it, and pages that nobody uses, show it; others go on. */
async function otherVersionRules() {
  if (!asked && isUsed()) {
    tell("earlier");
    return;
  }
  while (busy(isSyncing())) await pause();
  location.reload();
}

/**
 * What the worker wants to know before it takes over or tidies up.
 * @param {boolean} syncs a cycle runs
 * @returns {import("../../worker/versions.js").PageState}
 */
export function pageState(syncs) {
  const script = /** @type {HTMLScriptElement | null} */ (document.querySelector('script[type="module"][src]'));
  return { main: script ? new URL(script.src).pathname : "", used: isUsed(), busy: busy(syncs) };
}

function watchInstalling() {
  const installing = registration?.installing;
  installing?.addEventListener("statechange", () => {
    if (installing.state === "installed") void newVersionWaits();
  });
}

async function newVersionWaits() {
  if (await offerQuietly()) return;
  if (isLeft() || asked) return;
  // "Later" leaves this browser session in peace; the new version comes when all pages are closed.
  tell("update", { use: takeUpdate, leave: remember });
}

/** @returns {Promise<boolean>} true when it takes over now: nobody is there whom it could disturb */
async function offerQuietly() {
  return Boolean(registration?.waiting) && !isUsed() && (await ask(true)) === null;
}

/**
 * The version that waits decides: it sees all pages.
 * @param {boolean} quietly
 * @returns {Promise<any>} what it waits for; null when it takes over
 */
function ask(quietly) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    setTimeout(resolve, 5000, null); // it has gone, and a still newer one comes
    registration?.waiting?.postMessage({ type: "activate", quietly }, [port2]);
  });
}

const pause = () => new Promise((resolve) => setTimeout(resolve, LOOK_MS));

/** Browsers that cannot tell whether a page was touched: better to think so. */
const isUsed = () =>
  document.visibilityState === "visible" || (navigator.userActivation?.hasBeenActive ?? true);

/** @param {boolean} syncs */
function busy(syncs) {
  if (syncs) return "sending";
  if (isScanning()) return "scan";
  return isTyping() ? "typing" : null;
}

function isScanning() {
  const videos = [...document.querySelectorAll("video")];
  return videos.some(({ srcObject }) => srcObject instanceof MediaStream && srcObject.active);
}

/** Words that are in a field and nowhere else. What is written in a task is kept with each keystroke. */
function isTyping() {
  const fields = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("textarea:enabled, input:enabled"));
  return [...fields].some(
    (field) =>
      !["radio", "checkbox", "hidden", "search", "range"].includes(field.type) &&
      field.value !== field.defaultValue &&
      (field === document.activeElement || !field.closest(".task")),
  );
}

function remember() {
  try {
    sessionStorage.setItem(LEFT, "1");
  } catch {
    // Then it is asked again on the next page.
  }
}

function isLeft() {
  try {
    return sessionStorage.getItem(LEFT) !== null;
  } catch {
    return false;
  }
}
