/** Room on the phone: kept in reserve while there is plenty, given up when a person's work finds none. */

import { freeBallast, growBallast, isFull } from "../store/ballast.js";
import { putSetting, setting } from "../store/settings.js";
import { wakeWorkerLater } from "../sync/wake.js";

/** What an event takes, with its indexes, beside its files. */
const EVENT_BYTES = 64 * 1024;

/**
 * Keep something; when it does not fit make room and try once more.
 * @template T
 * @param {{bytes: ArrayBuffer}[]} files that come with it
 * @param {() => Promise<T>} keep
 * @returns {Promise<T>}
 */
export async function inRoom(files, keep) {
  try {
    return await keep();
  } catch (error) {
    if (!isFull(error)) throw error;
    await makeRoomFor(files);
    return keep();
  }
}

/**
 * Make room for work that did not fit: give up the ballast, then saved playlists that can be fetched again.
 * @param {{bytes: ArrayBuffer}[]} files that come with the work
 */
async function makeRoomFor(files) {
  const bytes = files.reduce((sum, file) => sum + file.bytes.byteLength, EVENT_BYTES);
  await freeBallast();
  try {
    await evict(bytes);
  } catch (error) {
    console.warn("no more room", error);
  }
}

/** Gives up saved media. @type {(bytes: number) => Promise<unknown>} */
let evict = async () => {};

/**
 * Say how saved playlists make room; that code is not loaded on every page.
 * @param {(bytes: number) => Promise<unknown>} how
 */
export function evictBy(how) {
  evict = how;
}

/** Now that there is something to protect: be woken later, ask once that nothing is cleared, keep some ballast. */
export async function afterRecord() {
  await wakeWorkerLater();
  await askToPersist();
  const grow = () => void growBallast().catch((error) => console.warn("no ballast", error));
  if ("requestIdleCallback" in globalThis) requestIdleCallback(grow, { timeout: 10_000 });
  else setTimeout(grow, 3_000);
}

/** Some browsers put a question to the person: once is enough. */
async function askToPersist() {
  const storage = globalThis.navigator?.storage;
  if (!storage?.persist || (await setting("persist_asked")) || (await storage.persisted())) return;
  await putSetting("persist_asked", Date.now());
  await storage.persist();
}
