/** What this phone says of those who erased everything, until somebody has read it: nothing else of them is here. */

import { db } from "./db.js";
import { changed } from "./live.js";
import { putSetting, setting } from "./settings.js";

const NAME = "erased";

/** @returns {Promise<ErasedNews[]>} */
export async function erasedNews() {
  return (await setting(NAME)) ?? [];
}

/** @param {ErasedNews} news */
export async function addErased(news) {
  const tx = (await db()).transaction("settings", "readwrite", { durability: "strict" });
  const before = (await tx.store.get(NAME))?.value ?? [];
  await tx.store.put({ name: NAME, value: [...before, news] });
  await tx.done;
  changed("settings");
}

export const dismissErased = () => putSetting(NAME, []);
