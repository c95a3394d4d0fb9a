/** What a learner asked to be told: shown where the app is closed, and opened by a tap. */

import { chosenKinds } from "../app/actions/telling.js";
import { learnersHere } from "../app/store/device.js";
import { person } from "../app/store/people.js";

/** @type {any} */
const worker = self;

/**
 * @typedef {{kind: import("../app/actions/telling.js").Kind, learner: string, title: string, body: string, url: string, lang: string, icon: string}} Told
 *
 * Show what came, unless the app is in use: the page shows it then. What its learner has switched off stays silent, also
 * when the server does not know yet; on a phone of several it says for whom it is.
 * @param {Told | null} told
 */
export async function showTold(told) {
  if (!told || !(await chosenKinds(told.learner))?.includes(told.kind)) return;
  const pages = await worker.clients.matchAll({ type: "window" });
  if (pages.some((/** @type {any} */ page) => page.focused)) return;
  const name = (await learnersHere()).length > 1 && (await person(told.learner))?.name;
  await worker.registration.showNotification(name ? `${name}: ${told.title}` : told.title, {
    body: told.body,
    lang: told.lang,
    dir: "auto",
    icon: told.icon,
    tag: `${told.kind}@${told.learner}`,
    data: { url: told.url },
  });
}

/**
 * Open the page that a message is about; one that is open already comes to the front, and no other is disturbed.
 * @param {any} notification
 */
export async function openTold(notification) {
  notification.close();
  const url = new URL(notification.data?.url ?? "/", worker.location.origin);
  if (url.origin !== worker.location.origin) return;
  const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = pages.find((/** @type {any} */ page) => new URL(page.url).pathname === url.pathname);
  await (open ? open.focus() : worker.clients.openWindow(url.href));
}
