/** What can be handed in is told by what is in a file, and the rest is named. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { MOST_BYTES, MOST_FILES, soundKind, takeFiles } from "../../pwa/app/actions/files.js";

const SOUNDS = { webm: "audio/webm", ogg: "audio/ogg", m4a: "audio/mp4", mp3: "audio/mpeg", wav: "audio/wav" };
const read = (/** @type {string} */ ending) => readFileSync(`tests/replicas/sounds/sound.${ending}`);
const file = (/** @type {any} */ content, /** @type {string} */ name, type = "") => new File([content], name, { type });

test("a sound is told by its content, as on the server", () => {
  for (const [ending, mime] of Object.entries(SOUNDS)) assert.equal(soundKind(read(ending)), mime);
  for (const other of ["<svg/>", "\xff\xd8\xff\xe0JFIF", "\x89PNG", "RIFF0000WEBP", "0000ftypheic", ""])
    assert.equal(soundKind(Uint8Array.from(other, (char) => char.charCodeAt(0))), null, other);
});

test("files that cannot be taken are named with why, and the others stay", async () => {
  const chosen = [
    file(read("ogg"), "good.ogg", "audio/ogg"),
    file("words", "notes.txt", "text/plain"),
    file("words", "disguised.mp3", "audio/mpeg"),
    file(new Uint8Array(MOST_BYTES + 1), "long.wav", "audio/wav"),
    file("", "nothing.mp3", "audio/mpeg"),
    file(read("ogg"), "the same.ogg", "audio/ogg"),
    file(read("mp3"), "as a text.txt", "text/plain"),
  ];
  const { taken, refused } = await takeFiles("audio", chosen, []);
  assert.deepEqual(
    taken.map(({ name, mime }) => [name, mime]),
    [
      ["good.ogg", "audio/ogg"],
      ["as a text.txt", "audio/mpeg"],
    ],
  );
  assert.deepEqual(
    refused.map(({ name, why }) => [name, why]),
    [
      ["notes.txt", "kind"],
      ["disguised.mp3", "kind"],
      ["long.wav", "size"],
      ["nothing.mp3", "empty"],
      ["the same.ogg", "again"],
    ],
  );
});

test("what is no picture is refused for a photo before anything is drawn", async () => {
  const chosen = [file("words", "notes.txt", "text/plain"), file(read("mp3"), "song.jpg", "image/jpeg")];
  const { refused } = await takeFiles("photo", chosen, []);
  assert.deepEqual(refused.map(({ why }) => why), ["kind", "kind"]);
});

test("ten files are taken, and the eleventh is named", async () => {
  const many = Array.from({ length: MOST_FILES + 1 }, (_, number) => {
    const content = new Uint8Array(read("ogg"));
    content[content.length - 1] = number;
    return file(content, `${number}.ogg`);
  });
  const first = await takeFiles("audio", many.slice(0, 4), []);
  const { taken, refused } = await takeFiles("audio", many.slice(4), first.taken);
  assert.equal(taken.length, 10);
  assert.deepEqual(refused, [{ name: "10.ogg", why: "many" }]);
});
