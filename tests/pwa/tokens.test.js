/** Rotating codes, passes and receipts are written and read alike in Python and here. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseCode } from "../../pwa/app/actions/codes.js";
import {
  isPassSigned,
  isReceiptSigned,
  passAddress,
  pointAddress,
  readPass,
  readReceipt,
  writeExtra,
  writePass,
  writeReceipt,
} from "../../pwa/app/actions/passes.js";
import {
  blockAt,
  BLOCK_MS,
  dayOf,
  readStep,
  stepAt,
  STEP_MS,
  writeRotating,
  writeTyped,
} from "../../pwa/app/actions/rotating.js";
import { newId } from "../../pwa/app/store/ids.js";
import { fromBase64url } from "../../pwa/app/sync/bytes.js";
import { makeKeys, publicJwk, sign } from "../../pwa/app/sync/keys.js";

const vectors = JSON.parse(readFileSync(new URL("../../sync/vectors/codes.json", import.meta.url), "utf8"));
const ORIGIN = "https://city.example";
const HOST = "city.example";
const POINT = "7QAB3CDE";

async function phone() {
  const keys = await makeKeys();
  return {
    key: await publicJwk(keys),
    signer: { device: newId(), sign: (/** @type {Uint8Array<ArrayBuffer>} */ bytes) => sign(keys, bytes) },
  };
}

test("a screen makes the codes that the server knows", async () => {
  for (const { key, point, step, day, fragment } of vectors.rotating) {
    assert.equal(await writeRotating(fromBase64url(key), point, step), fragment);
    assert.equal(readStep(fragment), step);
    assert.equal(dayOf(step), day);
  }
});

test("a screen makes the typed forms that the server knows", async () => {
  for (const { key, block, day, typed, ...at } of vectors.rotating_typed) {
    assert.equal(await writeTyped(fromBase64url(key), at, block), typed);
    assert.equal(dayOf(block, BLOCK_MS), day);
  }
});

test("a moment belongs to the step and to the block that it is in", () => {
  assert.deepEqual([STEP_MS - 1, STEP_MS].map(stepAt), [0, 1]);
  assert.deepEqual([BLOCK_MS - 1, BLOCK_MS].map(blockAt), [0, 1]);
});

test("rotating fragments are well-formed where the server thinks so", () => {
  for (const { fragment, step } of vectors.rotating_read) {
    const code = parseCode(`${ORIGIN}/s/${POINT}#${fragment}`, [HOST]);
    const proof = "kind" in code && code.kind === "rotating" ? code.proof : null;
    assert.equal(proof && readStep(proof), step, fragment);
  }
});

test("passes are read and verified as the server does", async () => {
  for (const { host, key, fragment, signed, ...said } of vectors.passes) {
    const pass = readPass(fragment);
    assert.ok(pass);
    const { signature, ...read } = pass;
    assert.equal(signature.length, 64);
    assert.deepEqual(read, said);
    assert.equal(await isPassSigned(pass, host, key), signed, fragment);
  }
  for (const fragment of vectors.passes_refused) assert.equal(readPass(fragment), null, fragment);
});

test("receipts are read and verified as the server does", async () => {
  for (const { host, point, learner_device, key, fragment, signed, device, step } of vectors.receipts) {
    const receipt = readReceipt(fragment);
    assert.ok(receipt);
    assert.deepEqual([receipt.device, receipt.step], [device, step]);
    const about = { host, point, learnerDevice: learner_device };
    assert.equal(await isReceiptSigned(receipt, about, key), signed, fragment);
  }
  for (const fragment of vectors.receipts_refused) assert.equal(readReceipt(fragment), null, fragment);
});

test("a pass made here is scanned, read and verified, with name and picture only where they were given", async () => {
  const { key, signer } = await phone();
  for (const [picture, name] of [["", ""], ["fox", "Ada Łovelace"], ["", "李"]]) {
    const extra = name && writeExtra(picture, name);
    const address = passAddress(ORIGIN, await writePass({ host: HOST, step: 59655840, extra }, signer));
    const code = parseCode(address, [HOST]);
    assert.ok("pass" in code);
    const pass = readPass(code.pass);
    assert.ok(pass && (await isPassSigned(pass, HOST, key)));
    assert.deepEqual([pass.device, pass.step, pass.picture, pass.name], [signer.device, 59655840, picture, name]);
    assert.equal(await isPassSigned(pass, "evil.example", key), false);
    assert.equal(await isPassSigned({ ...pass, step: pass.step + 1 }, HOST, key), false);
    assert.equal(await isPassSigned({ ...pass, device: newId() }, HOST, key), false);
    assert.equal(await isPassSigned(pass, HOST, (await phone()).key), false);
  }
});

test("a receipt made here is for one device at one point", async () => {
  const { key, signer } = await phone();
  const about = { host: HOST, point: POINT, learnerDevice: newId() };
  const address = pointAddress(ORIGIN, POINT, await writeReceipt({ ...about, step: 59655840 }, signer));
  const code = parseCode(address, [HOST]);
  assert.ok("proof" in code && code.proof);
  assert.equal(code.kind, "receipt");
  const receipt = readReceipt(code.proof);
  assert.ok(receipt && (await isReceiptSigned(receipt, about, key)));
  for (const other of [{ point: "00000000" }, { host: "evil.example" }, { learnerDevice: newId() }])
    assert.equal(await isReceiptSigned(receipt, { ...about, ...other }, key), false);
});

test("a name that does not fit is not written, and a key that is none signs nothing", async () => {
  for (const name of ["two\nlines", "a\0", "x".repeat(200)])
    assert.throws(() => writeExtra("fox", name), RangeError);
  const pass = readPass(vectors.passes[0].fragment);
  assert.ok(pass);
  assert.equal(await isPassSigned(pass, HOST, { kty: "EC", crv: "P-256", x: "AA", y: "AA" }), false);
  const { signer } = await phone();
  const old = { ...signer, device: "b3f0c1de-0000-4000-8000-000000000000" };
  await assert.rejects(writePass({ host: HOST, step: 1 }, old), RangeError);
  await assert.rejects(writePass({ host: HOST, step: 2 ** 27 }, signer), RangeError);
});
