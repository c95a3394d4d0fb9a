/** The WebAssembly decoder reads a real code from pixels, from a file of our own server. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { prepareZXingModule, writeBarcode } from "zxing-wasm/writer";
import { makeDecoder } from "../../pwa/app/scanner/decode.js";

const find = createRequire(import.meta.url).resolve;
const STOP = "https://leren.example/s/7K3M9QXT#12F4G6H8JKMNPQRST";

/** What a browser has and Node has not. */
class Pixels {
  /** @param {Uint8ClampedArray} data @param {number} width @param {number} height */
  constructor(data, width, height) {
    Object.assign(this, { data, width, height, colorSpace: "srgb" });
  }
}

/** @type {string[]} */
const asked = [];
const server = createServer(async (request, response) => {
  asked.push(request.url ?? "");
  response.setHeader("Content-Type", "application/wasm");
  response.end(await readFile(find("zxing-wasm/reader/zxing_reader.wasm")));
});

before(async () => {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const decoderWasm = `http://127.0.0.1:${port}/static/dist/zxing_reader-1a2b3c.wasm`;
  Object.assign(globalThis, {
    ImageData: Pixels,
    document: { documentElement: { dataset: { decoderWasm } } },
  });
  prepareZXingModule({
    overrides: { wasmBinary: (await readFile(find("zxing-wasm/writer/zxing_writer.wasm"))).buffer },
  });
});

after(() => server.close());

/** @param {string} text @param {number} [scale] pixels a module */
async function picture(text, scale = 4) {
  const { symbol } = await writeBarcode(text, { format: "QRCode", ecLevel: "M" });
  const quiet = 4;
  const width = (symbol.width + 2 * quiet) * scale;
  const data = new Uint8ClampedArray(width * width * 4).fill(255);
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = [Math.floor(x / scale) - quiet, Math.floor(y / scale) - quiet];
      const inside = column >= 0 && row >= 0 && column < symbol.width && row < symbol.height;
      if (inside && symbol.data[row * symbol.width + column] === 0)
        data.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return new ImageData(data, width, width);
}

test("a stop's code is read from pixels", async () => {
  const decode = await makeDecoder();
  assert.deepEqual(await decode(await picture(STOP)), [STOP]);
  assert.deepEqual(await decode(await picture(STOP, 2)), [STOP]);
  assert.deepEqual(asked, ["/static/dist/zxing_reader-1a2b3c.wasm"]);
});

test("a picture with no code says nothing", async () => {
  const decode = await makeDecoder();
  assert.deepEqual(
    await decode(new ImageData(new Uint8ClampedArray(300 * 300 * 4).fill(200), 300, 300), true),
    [],
  );
});

test("frames of a camera are looked at large and small in turn", async () => {
  /** @type {number[][]} */
  const drawn = [];
  const canvas = { width: 0, height: 0, getContext: () => pen };
  const pen = {
    canvas,
    drawImage: () => drawn.push([canvas.width, canvas.height]),
    getImageData: (...[, , width, height]) =>
      new ImageData(new Uint8ClampedArray(width * height * 4).fill(200), width, height),
  };
  Object.assign(document, { createElement: () => canvas });
  const decode = await makeDecoder();
  const frame = /** @type {any} */ ({ videoWidth: 1920, videoHeight: 1080 });
  for (let look = 0; look < 3; look++) await decode(frame);
  assert.deepEqual(drawn, [[1280, 720], [640, 360], [1280, 720]]);
});

test("a detector that fails when asked makes way for our own", async () => {
  Object.assign(globalThis, {
    BarcodeDetector: class {
      static getSupportedFormats = async () => ["qr_code"];
      detect = async () => {
        throw new DOMException("Barcode detection service unavailable", "NotSupportedError");
      };
    },
  });
  const decode = await makeDecoder();
  assert.deepEqual(await decode(await picture(STOP)), [STOP]);
  assert.deepEqual(await decode(await picture(STOP)), [STOP]);
});
