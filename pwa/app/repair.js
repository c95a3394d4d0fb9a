/** The repair page: shows what waits on this phone, takes it out, sends it, and starts the worker anew. Leans on nothing of the app. */

import { removeHelper, startHelper, wasRemoved } from "./repair/helper.js";
import { readAll } from "./repair/read.js";
import { rescueFile } from "./repair/rescue-file.js";
import { sendAll } from "./repair/send.js";
import { whatWaits } from "./repair/waiting.js";

/** @param {string} id */
const place = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** All that is said here was put into the page by the server, in its language. */
const words = JSON.parse(place("main").dataset.words ?? "{}");

/** @type {import("./repair/waiting.js").Waiting[]} */
let waiting = [];

/** Events that this page has sent. @type {Set<string>} */
let arrived = new Set();

/** @type {File | null} */
let made = null;

const looked = look().catch((error) => {
  console.error(error);
  place("work").replaceChildren(paragraph(words.unreadable));
});

on("export", async (say) => {
  say(words.making);
  await looked;
  const { file, signed } = await rescueFile(waiting);
  made = file;
  download(file);
  if (navigator.canShare?.({ files: [file] })) place("share").hidden = false;
  say(signed ? words.made : `${words.made} ${words.unsigned}`);
});

on("share", async () => {
  if (made) await navigator.share({ files: [made] }).catch(() => undefined); // closing the sheet is no fault
});

on("send", async (say) => {
  say(words.sending);
  await looked;
  const now = await sendAll(waiting);
  arrived = new Set([...arrived, ...now]);
  show(false);
  say(format(words.sent, now.size));
});

on("renew", async (say) => {
  say(words.renewing);
  await removeHelper({ saved: /** @type {HTMLInputElement} */ (place("kept")).checked });
});

if (wasRemoved()) {
  place("renew-says").textContent = words.renewing;
  startHelper().then(
    (runs) => sayRenewed(runs),
    () => sayRenewed(false),
  );
}

/** @param {boolean} runs */
function sayRenewed(runs) {
  place("renew-says").textContent = runs ? words.renewed : words.no_helper;
}

async function look() {
  const { rows, damaged } = await readAll();
  waiting = whatWaits(rows);
  show(damaged, rows.device?.length === undefined);
}

/**
 * @param {boolean} damaged
 * @param {boolean} [empty] nobody has done anything here
 */
function show(damaged, empty = false) {
  const parts = waiting.filter(({ events }) => events.length).flatMap(personParts);
  if (damaged) parts.unshift(paragraph(words.unreadable, "notice"));
  else if (!parts.length) parts.push(paragraph(empty ? words.empty : words.none));
  place("work").replaceChildren(...parts);
}

/** @param {import("./repair/waiting.js").Waiting} one */
function personParts({ name, carried, events, blobs }) {
  const title = document.createElement("h3");
  title.textContent = carried ? words.others : name || words.somebody;
  title.dir = "auto";
  const counts = [format(words.waits, events.length), ...(blobs.length ? [format(words.files, blobs.length)] : [])];
  const list = document.createElement("ul");
  list.className = "repair-list";
  list.append(...events.map(line));
  return [title, paragraph(counts.join(" · "), "muted"), list];
}

/** @param {any} event */
function line({ id, type, at }) {
  const item = document.createElement("li");
  const what = document.createElement("span");
  what.textContent = words.types[type] ?? words.other;
  const when = document.createElement("time");
  when.className = "muted";
  when.dateTime = new Date(at).toISOString();
  const style = /** @type {Intl.DateTimeFormatOptions} */ ({ dateStyle: "medium", timeStyle: "short" });
  when.textContent = arrived.has(id) ? words.arrived : new Date(at).toLocaleString(document.documentElement.lang, style);
  item.append(what, when);
  return item;
}

/** @param {string} text @param {string} [className] */
function paragraph(text, className = "") {
  const element = document.createElement("p");
  element.className = className;
  element.textContent = text;
  return element;
}

/** @param {File} file */
function download(file) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** @param {string} text @param {number} count */
const format = (text, count) => text.replace("%(count)s", `${count}`);

/**
 * Run something at a tap, one thing at a time, and say how it went beside the button.
 * @param {string} id
 * @param {(say: (text: string) => void) => Promise<void>} work
 */
function on(id, work) {
  const button = /** @type {HTMLButtonElement} */ (place(id));
  const say = (/** @type {string} */ text) => {
    const says = document.getElementById(`${id}-says`);
    if (says) says.textContent = text;
  };
  button.addEventListener("click", async () => {
    button.disabled = true;
    await work(say).catch((error) => {
      console.error(error);
      say(error instanceof TypeError ? words.offline : error?.name === "Refused" ? words.refused : words.failed);
    });
    button.disabled = false;
  });
}
