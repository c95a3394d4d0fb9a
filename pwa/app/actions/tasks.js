/** Answers tasks and hands in evidence. */

import { sha256 } from "../store/blobs.js";
import { record } from "./record.js";
import { check } from "./solutions.js";

/**
 * @param {{task: Task, activity: string, answer: Answer, begun?: import("../store/device.js").Turn}} given begun: the turn in which the form was opened
 * @returns {Promise<{item: OutboxItem, verdict: "right" | "wrong" | "open"}>} the verdict is this phone's own
 */
export async function answer({ task, activity, answer, begun }) {
  const verdict = await check(task, answer);
  const item = await record(
    "task.answer",
    { task: task.id, activity, answer },
    { local: verdict, draft: task.id, begun },
  );
  return { item, verdict };
}

/**
 * @param {{task: string, activity: string, text?: string | null, files?: {bytes: ArrayBuffer, mime: string}[], begun?: import("../store/device.js").Turn}} evidence
 *   photos already made small and silent, see photo.js; no file twice
 * @returns {Promise<OutboxItem>}
 */
export async function handIn({ task, activity, text = null, files = [], begun }) {
  const blobs = files.map(({ bytes, mime }) => ({ bytes, mime }));
  const hashes = await Promise.all(blobs.map(({ bytes }) => sha256(bytes)));
  return record("evidence.submit", { task, activity, text, files: hashes }, { blobs, local: "open", draft: task, begun });
}
