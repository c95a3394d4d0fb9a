/** How far a thing's files are on their way, until all have arrived; and why one is not taken. */
import { gettext, language } from "../i18n.js";
import { sendingOf } from "../store/blobs.js";
import { whyWords } from "./item-state.jsx";
import { useLive } from "./use-live.js";

/** @param {{ item: OutboxItem }} props */
export function UploadState({ item }) {
  const done = item.state === "accepted" || item.state === "declined" || !item.blobs.length;
  const sending = useLive(
    () => Promise.all(item.blobs.map(({ sha256 }) => sendingOf(item.learner, sha256))),
    ["blobs"],
    [item.id],
  );
  if (done || !sending) return null;
  const total = item.blobs.reduce((sum, { size }) => sum + size, 0);
  const sent = sending.reduce((sum, one, place) => sum + (one.whole ? item.blobs[place].size : one.sent), 0);
  const there = sending.filter(({ whole }) => whole).length;
  const why = sending.find((one) => one.why && !one.whole)?.why;
  if (there === item.blobs.length) return null;
  const words = uploadWords({ there, files: item.blobs.length, sent, total });
  return (
    <div class="upload-state">
      <progress max={total} value={sent} aria-label={words} />
      <p>{words}</p>
      {why && <p class="tone-warn">{whyWords(why)}</p>}
    </div>
  );
}

/** @param {{there: number, files: number, sent: number, total: number}} standing bytes */
export function uploadWords({ there, files, sent, total }) {
  return gettext("%(there)s of %(files)s files sent, %(sent)s of %(total)s", {
    there,
    files,
    sent: megabytes(sent, {}),
    total: megabytes(Math.max(total, 100_000), { style: "unit", unit: "megabyte", unitDisplay: "short" }),
  });
}

/** @param {number} bytes @param {Intl.NumberFormatOptions} form */
function megabytes(bytes, form) {
  const digits = { maximumFractionDigits: 1, minimumFractionDigits: 1 };
  return new Intl.NumberFormat(language(), { ...digits, ...form }).format(bytes / 1e6);
}
