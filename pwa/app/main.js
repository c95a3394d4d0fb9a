/** Starts what a page holds: its islands, the status in the header, sync and the service worker. */

import "./load/drawing.js";
import { evictBy } from "./actions/reserve.js";
import { language, useMessages } from "./i18n.js";
import { start as startEverywhere } from "./islands/everywhere.js";
import { getFile } from "./sync/api.js";
import { startTriggers } from "./sync/triggers.js";

const visit = () => import("./islands/visit.js");

/**
 * What the page of an activity shows; all others stand in `islands/by-name.js`, so that a visit does not carry their names.
 * @type {Record<string, () => Promise<(element: HTMLElement, props: any) => void>>}
 */
const OF_A_VISIT = {
  arrival: async () => (await visit()).arrival,
  reserve: async () => (await import("./islands/reserve.jsx")).start,
  stop: async () => (await visit()).stop,
};

/** How long strings in the page's language may keep the page waiting. */
const MESSAGES_MS = 4000;

/** @param {HTMLElement} element */
async function startIsland(element) {
  const name = element.dataset.island ?? "";
  try {
    const load = OF_A_VISIT[name] ?? (await import("./islands/by-name.js")).ISLANDS[name];
    const start = await load();
    start(element, JSON.parse(element.dataset.props || "{}"));
  } catch (error) {
    // The page's own HTML stays: it was made to be useful without us.
    console.error(error);
    sayBroken();
  }
}

/** The layout has a way to the repair page; it shows when this script says so, or never says that it has started. */
function sayBroken() {
  document.documentElement.dataset.state = "broken";
}

/** Without its catalogue (offline, never loaded) the page speaks English rather than not at all. */
async function loadMessages() {
  const url = document.documentElement.dataset.messages;
  if (!url || language() === "en") return;
  const loaded = getFile(url).then(async (reply) => useMessages(await reply.json()));
  try {
    await Promise.race([loaded, new Promise((late) => setTimeout(late, MESSAGES_MS))]);
  } catch (error) {
    console.warn("no catalogue", error);
  }
}

async function startPage() {
  evictBy(async (bytes) => (await import("./islands/own.js")).makeRoom(bytes));
  document.documentElement.dataset.state = "started";
  await loadMessages();
  const found = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-island]"));
  await Promise.all([...found].map(startIsland));
  startTriggers();
  whenIdle(startEverywhere);
}

/** @param {() => void} work */
function whenIdle(work) {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(work, { timeout: 2000 });
  else setTimeout(work, 200);
}

startPage().catch(sayBroken);
