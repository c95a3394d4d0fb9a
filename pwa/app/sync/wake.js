/** Asks the browser to wake the worker when no page is open, where it can: not on iOS, and not everywhere else. */

const DAILY_MS = 12 * 3600 * 1000;

/** Wake it once when the network is back, and from time to time if that is granted. */
export async function wakeWorkerLater() {
  try {
    const registration = await globalThis.navigator?.serviceWorker?.getRegistration();
    await /** @type {any} */ (registration)?.sync?.register("sync");
    if (await mayWakeAtTimes()) await /** @type {any} */ (registration)?.periodicSync?.register("sync", { minInterval: DAILY_MS });
  } catch {
    // Not allowed or not known here: the other triggers do.
  }
}

async function mayWakeAtTimes() {
  const name = /** @type {any} */ ("periodic-background-sync");
  return (await navigator.permissions?.query({ name }))?.state === "granted";
}
