/** Shares a picture with a link: by the phone's own share sheet, else by the clipboard. */

import { getFile } from "../sync/api.js";

/** @typedef {{title: string, text?: string, url: string, image?: string | null}} Shared */

/**
 * Fetch the picture beforehand: a share sheet must open at once after the tap.
 * @param {string} address
 * @param {string} name without ending
 * @returns {Promise<File | null>} null when it cannot be had now
 */
export async function pictureToShare(address, name) {
  try {
    const blob = await (await getFile(new URL(address, location.href).pathname)).blob();
    const ending = blob.type === "image/svg+xml" ? "svg" : (blob.type.split("/")[1] ?? "png");
    return new File([blob], `${fileName(name)}.${ending}`, { type: blob.type });
  } catch {
    return null;
  }
}

/**
 * @param {Shared} shared
 * @param {File | null} picture
 * @returns {Promise<"shared" | "cancelled" | "copied" | "failed">}
 */
export async function share({ title, text, url }, picture) {
  const link = new URL(url, location.href).href;
  const plain = { title, text, url: link };
  const full = picture ? { ...plain, files: [picture] } : plain;
  if (navigator.share) {
    try {
      await navigator.share(picture && navigator.canShare?.(full) ? full : plain);
      return "shared";
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return "cancelled";
    }
  }
  return copy(link);
}

/** @param {string} text */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return "copied";
  } catch {
    return "failed";
  }
}

/** @param {string} title */
export function fileName(title) {
  return title.trim().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "").toLowerCase() || "badge";
}
