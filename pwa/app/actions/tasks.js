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
 * @param {{task: string, activity: string, text?: string | null, photo?: ArrayBuffer | null, mime?: string, begun?: import("../store/device.js").Turn}} evidence
 *   the photo already made small and silent, see photo.js
 * @returns {Promise<OutboxItem>}
 */
export async function handIn({ task, activity, text = null, photo = null, mime = "image/jpeg", begun }) {
  const blobs = photo ? [{ bytes: photo, mime }] : [];
  const blob = photo && (await sha256(photo));
  return record("evidence.submit", { task, activity, text, blob }, { blobs, local: "open", draft: task, begun });
}
