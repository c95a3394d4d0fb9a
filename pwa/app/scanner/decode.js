/** Reads QR codes in pictures: with the browser's own detector, else with our own WebAssembly decoder. */

/** @typedef {ImageBitmap | HTMLVideoElement | HTMLImageElement} Drawable */
/** @typedef {ImageData | Drawable} Picture */
/** @typedef {(picture: Picture, thorough?: boolean) => Promise<string[]>} Decode */

// Frames of a camera are looked at large and small in turn: a code far away needs the pixels, while a blurred and noisy
// one is read better without them, and in a third of the time.
const LIVE_SIDES = [1280, 640];
// A photo from the gallery: large codes survive shrinking, small ones need the pixels, so both are tried.
const THOROUGH_SIDES = [1600, 4000];

/**
 * Choose the decoder that this browser can run. The WebAssembly one is loaded here, on first use.
 * @returns {Promise<Decode>} texts found in a picture, none when there is no code; throws only if the decoder cannot load
 */
export async function makeDecoder() {
  const native = await nativeDetector();
  if (!native) return makeWasmDecoder();
  /** @type {Promise<Decode> | null} */
  let fallback = null;
  return async (picture, thorough) => {
    if (!fallback) {
      try {
        return await native(picture);
      } catch {
        // Some phones offer the detector without the service behind it, and tell only when asked.
        fallback = makeWasmDecoder();
        fallback.catch(() => {
          fallback = null; // no signal just now: the next picture may try again
        });
      }
    }
    return (await fallback)(picture, thorough);
  };
}

/** @returns {Promise<((picture: Picture) => Promise<string[]>) | null>} */
async function nativeDetector() {
  const Detector = /** @type {any} */ (globalThis).BarcodeDetector;
  if (!Detector) return null;
  try {
    const formats = await Detector.getSupportedFormats();
    if (!formats.includes("qr_code")) return null;
    const detector = new Detector({ formats: ["qr_code"] });
    return async (picture) =>
      (await detector.detect(picture)).map((/** @type {{rawValue: string}} */ code) => code.rawValue);
  } catch {
    return null;
  }
}

/** @returns {Promise<Decode>} */
async function makeWasmDecoder() {
  const { prepareZXingModule, readBarcodes } = await import("zxing-wasm/reader");
  const wasm = document.documentElement.dataset.decoderWasm ?? "/static/dist/zxing_reader.wasm";
  await prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });
  const canvas = makeCanvas();
  let looks = 0;

  return async (picture, thorough = false) => {
    for (const side of thorough ? THOROUGH_SIDES : [LIVE_SIDES[looks++ % LIVE_SIDES.length]]) {
      const pixels = picture instanceof ImageData ? picture : draw(canvas(), picture, side);
      const found = await readBarcodes(pixels, {
        formats: ["QRCode"],
        tryHarder: thorough,
        tryInvert: thorough,
        tryRotate: false,
        maxNumberOfSymbols: 4,
      });
      const texts = found.filter((code) => code.isValid).map((code) => code.text);
      if (texts.length || picture instanceof ImageData || longSide(picture) <= side) return texts;
    }
    return [];
  };
}

/** One canvas for all frames, made when the first one is drawn. */
function makeCanvas() {
  /** @type {CanvasRenderingContext2D | null} */
  let pen = null;
  return () => {
    pen ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    if (!pen) throw new Error("no canvas");
    return pen;
  };
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Drawable} picture
 * @param {number} side pixels of the longer side at most
 */
function draw(pen, picture, side) {
  const [width, height] = sizeOf(picture);
  const scale = Math.min(1, side / Math.max(width, height));
  pen.canvas.width = Math.max(1, Math.round(width * scale));
  pen.canvas.height = Math.max(1, Math.round(height * scale));
  pen.drawImage(picture, 0, 0, pen.canvas.width, pen.canvas.height);
  return pen.getImageData(0, 0, pen.canvas.width, pen.canvas.height);
}

/** @param {Drawable} picture */
function longSide(picture) {
  return Math.max(...sizeOf(picture));
}

/**
 * @param {Drawable} picture
 * @returns {[number, number]}
 */
function sizeOf(picture) {
  if ("videoWidth" in picture) return [picture.videoWidth, picture.videoHeight];
  if ("naturalWidth" in picture) return [picture.naturalWidth, picture.naturalHeight];
  return [picture.width, picture.height];
}
