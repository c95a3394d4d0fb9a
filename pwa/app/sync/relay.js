/** Brings others' events to the server, in batches of their own: they prove themselves, this phone only carries them. */

import "./all.js"; // comes with it, see load/ground.js
import { device, learnersHere } from "../store/device.js";
import { ASIDE_MS } from "../store/moments.js";
import { everyone } from "../store/people.js";
import { carriedBlob, changeCarried, forgetBrought, PIECE, toBring } from "../store/relay.js";
import { alone } from "./alone.js";
import { blobOffset, patchBlob, postSync, putBlob, Rejected } from "./api.js";
import { utf8 } from "./bytes.js";
import { fail, pick, signerOf, syncOnce } from "./client.js";
import { introduceAs } from "./events.js";
import { patientUntil, pausedUntil } from "./patience.js";
import { report } from "./status.js";

const CYCLE_MS = 25_000;
const SILENCE_S = 60;

/** Halved while the server chokes on one, whole again after a success. @type {number | undefined} */
let most;

/**
 * Run one cycle of at most 25 s over what is carried.
 * @param {{patient?: boolean}} [how]
 * @returns {Promise<import("./client.js").Outcome>}
 */
export async function relayOnce({ patient = false } = {}) {
  if (Date.now() < Math.max(await pausedUntil(), patient ? patientUntil("relay") : 0)) return "wait";
  const [learner] = (await learnersHere()).length ? await learnersHere() : await comeForward();
  const row = /** @type {DeviceRow} */ (await device(learner));
  try {
    return await alone("sync:relay", (guard) => cycle(signerOf(row, guard), guard));
  } catch (error) {
    return fail(error, "relay");
  }
}

/**
 * The server must know who carries: a phone on which nobody has done anything yet says hello first, as one of the people
 * it knows. A learner made up for it would be at work, and be taken for whoever comes next.
 */
async function comeForward() {
  const [someone] = await everyone();
  await introduceAs(someone?.learner ?? "", {});
  const [learner] = await learnersHere();
  await syncOnce({ learner });
  return [learner];
}

/**
 * @param {import("./api.js").Signer} signer
 * @param {import("./alone.js").Guard} guard
 * @returns {Promise<import("./client.js").Outcome>}
 */
async function cycle(signer, guard) {
  const until = Date.now() + CYCLE_MS;
  report({ syncing: true });
  try {
    while (Date.now() < until && (await bringBatch(signer, guard, until)));
    await forgetBrought(Date.now());
    return "done";
  } finally {
    report({ syncing: false });
  }
}

/**
 * @param {import("./api.js").Signer} signer
 * @param {import("./alone.js").Guard} guard
 * @param {number} until
 * @returns {Promise<boolean>} true when there is more
 */
async function bringBatch(signer, guard, until) {
  const batch = pick(await toBring(Date.now()), most);
  if (!batch.length) return false;
  const reply = await push(signer, batch, until);
  if (!reply) return true;
  await guard.check();
  for (const [place, item] of batch.entries()) {
    const answer = answerTo(item, place, reply.results);
    const lacks = answer.why === "blob_missing" && answer.state !== "later";
    const brought = !lacks || (await bringFiles(item, signer, guard, until));
    await changeCarried([item.id], (now) => told(now, answer, brought));
  }
  return true;
}

/**
 * @param {RelayItem} item
 * @param {number} place
 * @param {Verdict[]} results
 * @returns {Verdict}
 */
function answerTo({ id }, place, results) {
  const said = results.find((result) => result.id === id);
  return said ?? (results[place]?.id === "" ? results[place] : { id, state: "later", retry_s: SILENCE_S });
}

/**
 * The item as the server's answer leaves it. On hold for a file that has not gone through it is tried again.
 * @param {RelayItem} item
 * @param {Verdict} answer
 * @param {boolean} brought are its files there?
 * @returns {RelayItem}
 */
function told(item, answer, brought) {
  const why = answer.why || null;
  const wait = (/** @type {number} */ s) => ({ ...item, why, aside_until: Date.now() + Math.min(s * 1000, ASIDE_MS) });
  if (answer.state === "later") return wait(answer.retry_s || SILENCE_S);
  if (!brought) return wait(SILENCE_S);
  const refused = answer.state === "rejected" || answer.verdict === "rejected";
  return { ...item, why: refused ? why : null, state: refused ? "refused" : "delivered", aside_until: null };
}

/**
 * @param {import("./api.js").Signer} signer
 * @param {RelayItem[]} batch
 * @param {number} until
 * @returns {Promise<SyncReply | null>} null when it was too much and a smaller one should follow
 */
async function push(signer, batch, until) {
  const { learner, device: mine } = signer;
  const epoch = (await device(learner))?.epoch ?? null;
  const events = batch.map(({ p, s }) => ({ p, s }));
  const body = utf8(JSON.stringify({ device: mine, learner, epoch, events, cursors: {}, limit: 1 }));
  try {
    const reply = await postSync(body, await signer.sign(body), until - Date.now());
    most = undefined;
    return reply;
  } catch (error) {
    if (!(error instanceof Rejected) || error.status === 401 || error.status === 426) throw error;
    if (!(await halve(batch, error))) throw error;
    return null;
  }
}

/**
 * A batch on which the server chokes is halved, until the event that it chokes on stands alone and is set aside.
 * @param {RelayItem[]} batch
 * @param {Rejected} error
 * @returns {Promise<boolean>} true when there is something to try at once
 */
async function halve(batch, error) {
  const ids = batch.map((item) => item.id);
  const tries = Math.max(...batch.map((item) => item.tries)) + 1;
  const alone = batch.length === 1 && (error.status === 413 || tries >= 3);
  const aside = alone ? { aside_until: Date.now() + ASIDE_MS, why: error.problem.code ?? `http_${error.status}` } : {};
  await changeCarried(ids, (item) => ({ ...item, tries: item.tries + 1, ...aside }));
  if (error.status === 413 || tries >= 3) most = Math.max(1, batch.length >> 1);
  return error.status === 413 || alone;
}

/**
 * Bring an event's files, with the signatures that came with them.
 * @param {RelayItem} item
 * @param {import("./api.js").Signer} signer
 * @param {import("./alone.js").Guard} guard
 * @param {number} until
 * @returns {Promise<boolean>} true when nothing of it is missing here: all went through, or we have none to give
 */
async function bringFiles({ device: whose, learner, blobs }, signer, guard, until) {
  let all = true;
  for (const { sha256 } of blobs) {
    const blob = await carriedBlob(whose, sha256);
    if (!blob) continue; // the phone that made it will bring it, or the server says in the end that it came too late
    const carrier = { learner, device: whose, sign: carriedSignatures(blob, guard) };
    if (Date.now() > until || !(await bringFile(blob, carrier, until))) all = false;
  }
  return all;
}

/**
 * Signs by looking up: `PUT /api/blobs/… 0` was signed as "PUT 0".
 * @param {RelayBlob} blob
 * @param {import("./alone.js").Guard} guard
 */
function carriedSignatures({ signatures }, guard) {
  return async (/** @type {Uint8Array<ArrayBuffer>} */ bytes) => {
    await guard.check();
    const [method, , offset] = new TextDecoder().decode(bytes).split(" ");
    return signatures[`${method} ${offset}`] ?? "";
  };
}

/**
 * @param {RelayBlob} blob
 * @param {import("./api.js").Signer} carrier
 * @param {number} until
 * @returns {Promise<boolean>} true when it is there
 */
async function bringFile(blob, carrier, until) {
  try {
    if (blob.signatures["PUT 0"]) await putBlob(blob, carrier);
    else {
      let offset = blob.signatures["HEAD 0"] ? await blobOffset(blob, carrier) : 0;
      // All is there, and its last step may have been broken off: an empty piece finishes it.
      if (offset === blob.size && blob.signatures[`PATCH ${offset}`]) await patchBlob(blob, offset, 0, carrier);
      while (offset < blob.size && Date.now() < until) offset = await patchBlob(blob, offset, PIECE, carrier);
      return offset >= blob.size;
    }
    return true;
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    // Refused: its event says why it stays on hold; the others go on. A wrong offset, or bytes that were damaged on
    // their way, are put right by the next try.
    return error.status !== 401 && error.status !== 409 && error.problem.code !== "hash_mismatch";
  }
}
