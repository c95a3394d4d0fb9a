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
  ["bytes=0-0", 206, "0", "bytes 0-0/10"],
  ["bytes=-99", 206, "0123456789", "bytes 0-9/10"],
  ["bytes=-0", 416, "", "bytes */10"],
  ["bytes=5-2", 200, "0123456789", null],
  ["bytes=-", 200, "0123456789", null],
  ["lines=1-2", 200, "0123456789", null],
]))
  test(`${asked} is answered by ${status}`, async () => {
    const headers = new Headers(asked ? { Range: asked } : {});
    const reply = await answerRange(sound(), { headers });
    assert.deepEqual([reply.status, await reply.text(), reply.headers.get("Content-Range")], [status, words, range]);
  });

test("a stretch of another file is answered by the whole of this one", async () => {
  for (const [condition, status] of /** @type {[string, number][]} */ ([['"this"', 206], ['"that"', 200], ["Mon, 01 Jun 2026 12:00:00 GMT", 200]])) {
    const headers = new Headers({ Range: "bytes=2-4", "If-Range": condition });
    const reply = await answerRange(sound(), { headers }, '"this"');
    assert.deepEqual([reply.status, reply.headers.get("ETag")], [status, '"this"']);
  }
});

test("only asking gets the length and no bytes", async () => {
  const reply = await answerRange(sound(), { method: "HEAD", headers: new Headers() });
  const { status, headers } = reply;
  assert.deepEqual([status, headers.get("Content-Length"), headers.get("Accept-Ranges"), await reply.text()], [200, "10", "bytes", ""]);
});
