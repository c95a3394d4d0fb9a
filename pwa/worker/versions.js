/** The files of this version of the app, all in one cache; those of earlier versions stay for as long as a page runs them. */

/** @type {any} */
const worker = self;

/** @type {string} */
export const NAME = `app-${__VERSION__}`;

/** What versions have been keeping their files in; the later names are of before there was one cache a version. */
const OF_A_VERSION = /^(app-|layouts-|workbox-precache)|^decoder$/;

/** How long pages have to say what they are. */
const ANSWER_MS = 1000;

const PRECACHED = new Set(__PRECACHE__.map(({ url }) => url));

/** @param {string} path */
export const isPrecached = (path) => PRECACHED.has(path);

/** Bring all files of this version; the decoder too, where it was wanted before. */
export async function bringFiles() {
  const scanned = (await Promise.all(__DECODER__.map(fileOf))).some(Boolean) || (await hadDecoder());
  await bring([...PRECACHED, ...(scanned ? __DECODER__ : [])]);
}

/** The decoder is large: it comes only when somebody wants to scan with no network. */
export const bringDecoder = () => bring(__DECODER__);

/**
 * Its files have names by their content: one that another version has brought is the same. What is here is asked once, not
 * for each of a hundred files; each is kept as it comes, so that a network that breaks off costs only the rest.
 * @param {string[]} paths
 */
async function bring(paths) {
  const cache = await caches.open(NAME);
  const [here, others] = await Promise.all([pathsIn(cache), otherVersions()]);
  await Promise.all(
    paths
      .filter((path) => !here.has(path))
      .map(async (path) => {
        const other = others.find((one) => one.paths.has(path));
        const reply = (await other?.cache.match(path)) ?? (await fetch(path));
        if (!reply.ok) throw new Error(`no ${path}: HTTP ${reply.status}`);
        await cache.put(path, reply);
      }),
  );
}

async function otherVersions() {
  const names = (await caches.keys()).filter((name) => OF_A_VERSION.test(name) && name !== NAME);
  return Promise.all(
    names.map(async (name) => {
      const cache = await caches.open(name);
      return { cache, paths: await pathsIn(cache) };
    }),
  );
}

/** @param {Cache} cache */
const pathsIn = async (cache) => new Set((await cache.keys()).map(({ url }) => new URL(url).pathname));

/**
 * A file of this version, else of another: a page that was opened before an update asks for its own.
 * @param {string} path
 * @returns {Promise<Response | undefined>}
 */
export async function fileOf(path) {
  const names = (await caches.keys()).filter((name) => OF_A_VERSION.test(name) && name !== NAME);
  for (const name of [NAME, ...names]) {
    const found = await (await caches.open(name)).match(path);
    if (found) return found;
  }
}

async function hadDecoder() {
  for (const name of await caches.keys()) {
    if (!OF_A_VERSION.test(name)) continue;
    const files = await (await caches.open(name)).keys();
    if (files.some(({ url }) => /\/zxing_[^/]*\.wasm$/.test(url))) return true;
  }
  return false;
}

/** Remove the files of other versions, once nobody needs them: no page runs one, and none waits to take over. */
export async function forgetOtherVersions() {
  const { installing, waiting } = worker.registration;
  const others = (await caches.keys()).filter((name) => OF_A_VERSION.test(name) && name !== NAME);
  if (installing || waiting || !others.length) return;
  const pages = await askPages();
  if (pages.every((page) => page && isPrecached(page.main))) for (const name of others) await caches.delete(name);
}

/**
 * What a page says of itself. main: the path of its script, which tells its version · used: somebody sees it or has touched it ·
 * busy: what must not be interrupted
 * @typedef {{main: string, used: boolean, busy: "sending" | "scan" | "typing" | null}} PageState
 * @returns {Promise<(PageState | null)[]>} null for a page that did not answer: it is frozen, or has no script
 */
async function askPages() {
  const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  return Promise.all(pages.map(ask));
}

/**
 * @param {any} page
 * @returns {Promise<PageState | null>}
 */
function ask(page) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    setTimeout(resolve, ANSWER_MS, null);
    page.postMessage({ type: "state" }, [port2]);
  });
}

/**
 * Take over, if that interrupts nothing: no cycle of sync, no scan and no typing, in whatever page.
 * @param {boolean} quietly nobody asked for it: then no page may be in use either
 * @returns {Promise<string | null>} what it has to wait for, null when it takes over
 */
export async function takeOver(quietly) {
  const reason = await inHand(quietly);
  if (!reason) await worker.skipWaiting();
  return reason;
}

/** @param {boolean} quietly */
async function inHand(quietly) {
  const held = (await navigator.locks?.query())?.held ?? [];
  if (held.some(({ name }) => name?.startsWith("sync:"))) return "sending";
  const pages = await askPages();
  if (quietly && pages.some((page) => !page || page.used)) return "used";
  return pages.find((page) => page?.busy)?.busy ?? null;
}
