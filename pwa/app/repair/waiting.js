/** Finds in raw rows what the server may not have: events in the order of their chains, each with its files. */

/**
 * One device's work. keys: null when they cannot be read, or belong to another phone · signatures: made by that phone, by hash
 * @typedef {{
 *   device: string,
 *   learner: string,
 *   name: string | null,
 *   carried: boolean,
 *   epoch: string | null,
 *   keys: CryptoKeyPair | null,
 *   hello: any | null,
 *   events: any[],
 *   blobs: {sha256: string, size: number, mime: string, bytes: ArrayBuffer, signatures?: Record<string, string>}[],
 * }} Waiting
 */

/**
 * @param {Record<string, any[]>} rows by store
 * @returns {Waiting[]} only those with something to send
 */
export function whatWaits(rows) {
  const work = group(rows.outbox, isUnsent).filter(({ events }) => events.length);
  const own = work.map((one) => addOwn(one, rows));
  const carried = group(rows.relay, (item) => item.state === "carried").map((one) => addCarried(one, rows));
  return [...own, ...carried];
}

/** @param {any} item */
function isUnsent({ state, replay, why, replaced }) {
  if (replaced) return false; // recorded again: the newer one waits
  return ["saved", "sending", "aside"].includes(state) || replay || (state === "received" && why === "blob_missing");
}

/**
 * @param {any[] | undefined} items
 * @param {(item: any) => boolean} waits
 * @returns {Waiting[]}
 */
function group(items = [], waits) {
  const whole = items.filter(({ p, s, device }) => p && s && device);
  const devices = [...new Set(whole.filter(waits).map(({ device }) => device))];
  return devices.map((device) => {
    const all = whole.filter((item) => item.device === device).sort((a, b) => a.seq - b.seq);
    const hello = all.find(({ type }) => type === "device.hello") ?? null;
    const events = all.filter(waits).filter((item) => item !== hello);
    const { learner } = all[0];
    return { device, learner, name: null, carried: false, epoch: null, keys: null, hello, events, blobs: [] };
  });
}

/**
 * @param {Waiting} one
 * @param {Record<string, any[]>} rows
 * @returns {Waiting}
 */
function addOwn(one, rows) {
  const row = rows.device?.find(({ device }) => device === one.device);
  const name = rows.people?.find(({ learner }) => learner === one.learner)?.name ?? null;
  const blobs = filesOf(one, rows.blobs?.filter(({ learner }) => learner === one.learner));
  return { ...one, name, keys: row?.keys ?? null, epoch: row?.epoch ?? null, blobs };
}

/**
 * @param {Waiting} one
 * @param {Record<string, any[]>} rows
 * @returns {Waiting}
 */
function addCarried(one, rows) {
  const blobs = filesOf(one, rows.relay_blobs?.filter(({ device }) => device === one.device));
  return { ...one, carried: true, blobs };
}

/**
 * @param {Waiting} one
 * @param {any[]} [stored]
 */
function filesOf({ events }, stored = []) {
  const named = new Set(events.flatMap(({ blobs }) => (blobs ?? []).map((/** @type {any} */ { sha256 }) => sha256)));
  return [...named].flatMap((hash) => stored.find(({ sha256, bytes }) => sha256 === hash && bytes) ?? []);
}
