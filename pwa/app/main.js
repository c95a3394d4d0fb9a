/** Starts what a page holds: its islands, the status in the header, sync and the service worker. */

import "./load/drawing.js";
import { evictBy } from "./actions/reserve.js";
import { language, useMessages } from "./i18n.js";
import { start as startEverywhere } from "./islands/everywhere.js";
import { getFile } from "./sync/api.js";
import { startTriggers } from "./sync/triggers.js";

const visit = () => import("./islands/visit.js");
const own = () => import("./islands/own.js");

/**
 * Written out, so that the bundler gives each group its own file and a page loads only what it shows.
 * @type {Record<string, () => Promise<(element: HTMLElement, props: any) => void>>}
 */
const ISLANDS = {
  arrival: async () => (await visit()).arrival,
  badges: async () => (await own()).badges,
  "badge-preview": async () => (await import("./islands/badge-preview.js")).start,
  "check-camera": async () => (await import("./islands/check-camera.jsx")).start,
  claim: async () => (await import("./islands/claim.jsx")).start,
  door: async () => (await import("./islands/door.jsx")).start,
  install: async () => (await own()).install,
  join: async () => (await own()).join,
  learning: async () => (await own()).learning,
  pass: async () => (await import("./islands/pass.jsx")).start,
  people: async () => (await own()).people,
  playlist: async () => (await own()).playlist,
  reserve: async () => (await import("./islands/reserve.jsx")).start,
  scanner: async () => (await import("./islands/scanner.jsx")).start,
  share: async () => (await own()).share,
  "sign-in": async () => (await import("./islands/sign-in.jsx")).start,
  stop: async () => (await visit()).stop,
  "term-picker": async () => (await import("./islands/term-picker.jsx")).start,
  wallet: async () => (await import("./islands/wallet.jsx")).start,
  wallets: async () => (await import("./islands/wallets.jsx")).start,
  take: async () => (await import("./islands/take.jsx")).start,
};

/** How long strings in the page's language may keep the page waiting. */
const MESSAGES_MS = 4000;

/** @param {HTMLElement} element */
async function startIsland(element) {
  const load = ISLANDS[element.dataset.island ?? ""];
  if (!load) return;
  try {
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
  evictBy(async (bytes) => (await own()).makeRoom(bytes));
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
