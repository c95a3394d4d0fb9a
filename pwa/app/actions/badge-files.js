/** Keeps what a badge needs to be shown with no network: the worker keeps each picture that the page asks for. */

import { getFile } from "../sync/api.js";

/**
 * Fetch the pictures of badges once, also of those that are not on the screen.
 * @param {AwardRow[]} awards
 */
export async function keepPictures(awards) {
  const addresses = awards.flatMap(({ image, png }) => [image, new URL(png, location.href).pathname]);
  await Promise.allSettled(addresses.map((address) => getFile(address)));
}
