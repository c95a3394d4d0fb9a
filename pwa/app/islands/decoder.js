/** The decoder as the scanner's page uses it: loaded once, for the camera and for pictures alike. */
import { readPicture } from "../actions/photo.js";

/** @type {Promise<import("../scanner/decode.js").Decode> | null} */
let decoder = null;

/** The decoder is large: it is fetched on first use, once, and asked for again if that failed. */
export function loadDecoder() {
  decoder ??= import("../scanner/decode.js")
    .then(({ makeDecoder }) => makeDecoder())
    .catch((error) => {
      decoder = null;
      throw error;
    });
  return decoder;
}

/**
 * The text of the code in a picture from the gallery, or why there is none.
 * @param {File} file
 * @returns {Promise<string | { is: "nothing" } | { is: "unreadable" } | { is: "decoder" }>}
 */
export async function textIn(file) {
  const picture = await readPicture(file).catch(() => null);
  if (!picture) return { is: "unreadable" };
  try {
    const [text] = await (await loadDecoder())(picture, true);
    return text ?? { is: "nothing" };
  } catch {
    return { is: "decoder" };
  }
}
