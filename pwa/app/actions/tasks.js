/** Answers tasks and hands in evidence. */

import { sha256 } from "../store/blobs.js";
import { record } from "./record.js";
import { check } from "./solutions.js";

/**
 * @param {{task: Task, activity: string, answer: Answer}} given
 * @returns {Promise<{item: OutboxItem, verdict: "right" | "wrong" | "open"}>} the verdict is this phone's own
 */
export async function answer({ task, activity, answer }) {
  const verdict = await check(task, answer);
  const item = await record(
    "task.answer",
    { task: task.id, activity, answer },
    { local: verdict, draft: task.id },
  );
  return { item, verdict };
}

/**
 * @param {{task: string, activity: string, text?: string | null, files?: {bytes: ArrayBuffer, mime: string}[]}} evidence
 *   photos already made small and silent, see photo.js; no file twice
 * @returns {Promise<OutboxItem>}
 */
export async function handIn({ task, activity, text = null, files = [] }) {
  const blobs = files.map(({ bytes, mime }) => ({ bytes, mime }));
  const hashes = await Promise.all(blobs.map(({ bytes }) => sha256(bytes)));
  return record("evidence.submit", { task, activity, text, files: hashes }, { blobs, local: "open", draft: task });
}
