/** Whether and how the app can be put on the home screen, and whether it is the moment to say so. */

import { signal } from "@preact/signals-core";
import { savedPlaylists } from "../store/bundles.js";
import { putSetting, setting } from "../store/settings.js";

/** Counted without the database, which stays untouched until somebody does something. */
const VISITS = "streetwise-visits";

/**
 * prompt: the browser can ask · ios: by hand, in the share menu · null: nothing to say
 * @typedef {"prompt" | "ios" | null} InstallWay
 */

/** How the app can be installed here and now. */
export const installWay = signal(/** @type {InstallWay} */ (null));

/** @type {any} */
let question = null;

/** Listen for the browser's offer, and find out whether this is the moment. */
export async function watchInstall() {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    question = event;
    void decide();
  });
  addEventListener("appinstalled", () => {
    installWay.value = null;
  });
  countVisit();
  await decide();
}

/** Let the browser ask. */
export async function install() {
  const asked = question;
  question = null;
  installWay.value = null;
  await asked?.prompt();
}

/** Never say it again. */
export async function dismissInstall() {
  installWay.value = null;
  await putSetting("install_dismissed", true);
}

async function decide() {
  installWay.value = (await isTheMoment().catch(() => false)) ? wayHere() : null;
}

/** @returns {InstallWay} */
function wayHere() {
  if (question) return "prompt";
  return /iPhone|iPad/.test(navigator.userAgent) ? "ios" : null;
}

/** After the first saved playlist or on the second visit; never in the app itself, never after a "no". */
async function isTheMoment() {
  if (matchMedia("(display-mode: standalone)").matches || /** @type {any} */ (navigator).standalone) return false;
  if (await setting("install_dismissed")) return false;
  const saved = (await savedPlaylists()).some(({ bundle }) => bundle);
  return saved || visits() > 1;
}

function visits() {
  try {
    return Number(localStorage.getItem(VISITS));
  } catch {
    return 0;
  }
}

/** A visit is a browser session, not a page. */
function countVisit() {
  try {
    if (sessionStorage.getItem(VISITS)) return;
    sessionStorage.setItem(VISITS, "1");
    localStorage.setItem(VISITS, `${visits() + 1}`);
  } catch {
    // A browser that keeps nothing counts nothing.
  }
}
