/** Stretches of kept sound and video. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { answerRange } from "../../pwa/worker/range.js";

const sound = () => new Response("0123456789", { headers: { "Content-Type": "audio/mpeg" } });

for (const [asked, status, words, range] of /** @type {[string | null, number, string, string | null][]} */ ([
  [null, 200, "0123456789", null],
  ["bytes=0-", 206, "0123456789", "bytes 0-9/10"],
  ["bytes=2-4", 206, "234", "bytes 2-4/10"],
  ["bytes=8-99", 206, "89", "bytes 8-9/10"],
  ["bytes=-3", 206, "789", "bytes 7-9/10"],
  ["bytes=10-", 416, "", "bytes */10"],
  ["bytes=1-2,4-5", 200, "0123456789", null],
]))
  test(`${asked} is answered by ${status}`, async () => {
    const reply = await answerRange(sound(), asked);
    assert.deepEqual([reply.status, await reply.text(), reply.headers.get("Content-Range")], [status, words, range]);
  });
