/** The offline check: one file that somebody downloads and opens with no network. Bundled by itself; asks nobody. */

import { startCamera } from "./check/camera.js";
import { codesIn, readFile, readText } from "./check/read.js";
import { failed, show } from "./check/show.js";
import { verify } from "./check/verify.js";

/** @param {string} id */
const data = (id) => JSON.parse(document.getElementById(id)?.textContent || "null");

/** @param {() => unknown} read */
async function check(read) {
  try {
    const badge = await read();
    show(badge, await verify(badge, data("facts"), Date.now()));
  } catch (error) {
    console.warn(error);
    failed(error instanceof ReferenceError ? "no-reader" : "unreadable");
  }
}

function start() {
  const file = /** @type {HTMLInputElement} */ (document.getElementById("file"));
  const pasted = /** @type {HTMLTextAreaElement} */ (document.getElementById("pasted"));
  file.addEventListener("change", () => file.files?.[0] && check(() => readFile(/** @type {File[]} */ (/** @type {any} */ (file.files))[0])));
  document.getElementById("other")?.addEventListener("submit", (event) => {
    event.preventDefault();
    if (pasted.value.trim()) check(() => readText(pasted.value));
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    const dropped = event.dataTransfer?.files[0];
    if (dropped) check(() => readFile(dropped));
  });
  startCamera(codesIn, (text) => check(() => readText(text)));
  check(() => data("badge"));
}

start();
