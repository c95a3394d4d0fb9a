/** Makes a photo small and silent: redrawn by a canvas, so no place, time or camera model stays in it. */

const LONG_SIDE = 1600;
const QUALITY = 0.82;

/** The browser cannot read this file as a picture. */
export class PhotoUnreadable extends Error {}

/**
 * @param {Blob} file what the camera or gallery gave
 * @returns {Promise<{bytes: ArrayBuffer, mime: "image/jpeg", width: number, height: number}>}
 * @throws {PhotoUnreadable}
 */
export async function reencode(file) {
  const picture = await readPicture(file);
  const [fullWidth, fullHeight] =
    "naturalWidth" in picture
      ? [picture.naturalWidth, picture.naturalHeight]
      : [picture.width, picture.height];
  const scale = Math.min(1, LONG_SIDE / Math.max(fullWidth, fullHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(fullWidth * scale));
  canvas.height = Math.max(1, Math.round(fullHeight * scale));
  const pen = canvas.getContext("2d");
  if (!pen) throw new PhotoUnreadable("no canvas");
  pen.fillStyle = "#fff"; // JPEG has no transparency: without this a clear background turns black
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  if ("close" in picture) picture.close();
  const bytes = await (await toJpeg(canvas)).arrayBuffer();
  return { bytes, mime: "image/jpeg", width: canvas.width, height: canvas.height };
}

/**
 * Read a picture upright: both ways heed the orientation that the camera wrote down.
 * @param {Blob} file
 * @returns {Promise<ImageBitmap | HTMLImageElement>}
 */
export async function readPicture(file) {
  try {
    return await createImageBitmap(file);
  } catch {
    // WebKit before 17 refuses some photos here that an image element reads.
    return readByElement(file);
  }
}

/**
 * @param {Blob} file
 * @returns {Promise<HTMLImageElement>}
 */
async function readByElement(file) {
  const url = URL.createObjectURL(file);
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
    return image;
  } catch {
    throw new PhotoUnreadable(file.type);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {Promise<Blob>}
 */
function toJpeg(canvas) {
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new PhotoUnreadable("too large"))),
      "image/jpeg",
      QUALITY,
    );
  });
}
