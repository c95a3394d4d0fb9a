/**
 * Reads pictures as the app's scanner does where the browser has no detector of its own. In: one byte a pixel, frame
 * after frame of the size named. Out: a line of JSON for each, the texts and the milliseconds of processor time.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { makeDecoder } from "../../pwa/app/scanner/decode.js";

const [width, height] = process.argv.slice(2).map(Number);
const wasm = await readFile(createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm"));

/** A picture of greys with what a browser has and Node has not: pixels of four bytes. */
class Pixels {
  /** @param {Uint8Array} grey @param {number} width @param {number} height */
  constructor(grey, width, height) {
    const data = new Uint8ClampedArray(grey.length * 4).fill(255);
    grey.forEach((value, place) => data.fill(value, place * 4, place * 4 + 3));
    Object.assign(this, { data, colorSpace: "srgb" });
    this.width = width;
    this.height = height;
  }
}

/** @param {Uint8Array} grey a picture of the size named; half as large, each pixel is the mean of four */
function halve(grey) {
  const half = new Uint8Array((width * height) / 4);
  half.forEach((_, place) => {
    const at = Math.floor(place / (width / 2)) * 2 * width + (place % (width / 2)) * 2;
    half[place] = (grey[at] + grey[at + 1] + grey[at + width] + grey[at + width + 1]) / 4;
  });
  return new Pixels(half, width / 2, height / 2);
}

/** A canvas as far as the scanner needs one. Its pictures are made before the clock starts. */
class Canvas {
  width = 0;
  height = 0;
  canvas = this;
  /** @type {Pixels[]} */
  #drawn = [];
  getContext = () => this;

  /** @param {{ sizes: Pixels[] }} picture */
  drawImage(picture) {
    this.#drawn = picture.sizes;
  }

  getImageData() {
    const found = this.#drawn.find((one) => one.width === this.width && one.height === this.height);
    if (!found) throw new Error(`no picture ${this.width} pixels wide`);
    return found;
  }
}

const decoderWasm = `data:application/wasm;base64,${wasm.toString("base64")}`;
const document = { documentElement: { dataset: { decoderWasm } }, createElement: () => new Canvas() };
Object.assign(globalThis, { ImageData: Pixels, document });
const decode = await makeDecoder();

/** @param {Uint8Array} grey */
async function look(grey) {
  const frame = /** @type {any} */ ({ width, height, sizes: [new Pixels(grey, width, height), halve(grey)] });
  const begun = process.cpuUsage();
  const texts = await decode(frame);
  const { user, system } = process.cpuUsage(begun);
  console.log(JSON.stringify({ texts, ms: (user + system) / 1000 }));
}

let waiting = Buffer.alloc(0);
for await (const chunk of process.stdin) {
  waiting = Buffer.concat([waiting, chunk]);
  for (; waiting.length >= width * height; waiting = waiting.subarray(width * height))
    await look(waiting.subarray(0, width * height));
}
