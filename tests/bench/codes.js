/** Prints, as JSON, the codes that a phone shows, drawn by the app: kind → text, size, path of an SVG. */
import { createHash } from "node:crypto";
import { writePass, passAddress, pointAddress, writeReceipt } from "../../pwa/app/actions/passes.js";
import { writeRotating } from "../../pwa/app/actions/rotating.js";
import { drawCode } from "../../pwa/app/islands/draw-code.js";

const [origin, point] = process.argv.slice(2);
const host = new URL(origin).host;
const step = 59_655_840;
const device = "0199f3a2-7b1c-7d4e-9f60-1a2b3c4d5e6f";
// As long as a signature, and always the same: the same modules are drawn in each run.
const signer = { device, sign: async () => createHash("sha512").update("streetwise").digest("base64url") };

const addresses = {
  rotating: pointAddress(origin, point, await writeRotating(new Uint8Array(32), point, step)),
  pass: passAddress(origin, await writePass({ host, step }, signer)),
  receipt: pointAddress(origin, point, await writeReceipt({ host, point, learnerDevice: device, step }, signer)),
};
const drawn = Object.entries(addresses).map(async ([kind, text]) => [kind, await drawCode(text)]);
console.log(JSON.stringify(Object.fromEntries(await Promise.all(drawn))));
