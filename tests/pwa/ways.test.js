/** Ways back in on the phone: the words of a kit, the addresses that open something, and what waits to be sent. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { entropyToMnemonic } from "@scure/bip39";
import { wordlist as english } from "@scure/bip39/wordlists/english.js";
import { wordlist as spanish } from "@scure/bip39/wordlists/spanish.js";
import { readWay, wayIn } from "../../pwa/app/actions/enter.js";
import { readWords } from "../../pwa/app/actions/kits.js";
import { toBase64url } from "../../pwa/app/sync/bytes.js";
import { waysOf } from "../../pwa/app/islands/ways-view.js";

const BYTES = Uint8Array.from({ length: 16 }, (_, place) => place * 7);
const SECRET = toBase64url(BYTES);

for (const [lang, list] of Object.entries({ en: english, es: spanish })) {
  const words = entropyToMnemonic(BYTES, list).split(/\s/);
  test(`the words of a kit (${lang}) are read as people write them`, async () => {
    const plain = (/** @type {string} */ word) => word.normalize("NFD").replace(/\p{M}/gu, "");
    const ways = [
      words.join(" "),
      words.join("\n").toUpperCase().normalize("NFC"),
      words.map((word, place) => `${place + 1}. ${word}`).join(",  "),
      words.map((word) => plain(word).slice(0, 4)).join(" "),
    ];
    for (const text of ways) assert.deepEqual(await readWords(text), { secret: SECRET }, text);
  });

  test(`what is mistyped is found (${lang})`, async () => {
    assert.deepEqual(await readWords(words.slice(1).join(" ")), { wrong: "count", count: 11 });
    assert.deepEqual(await readWords(words.with(3, "zzzz").join(" ")), { wrong: "word", word: "zzzz" });
    const swapped = [words[1], words[0], ...words.slice(2)].join(" ");
    assert.notDeepEqual(await readWords(swapped), { secret: SECRET });
  });
}

test("only a whole link opens something", () => {
  const token = "a".repeat(32);
  assert.deepEqual(readWay(`#mail.${token}`), { kind: "mail", token });
  assert.deepEqual(readWay(`#confirm.${token}`), { kind: "confirm", token });
  assert.deepEqual(readWay(`#kit.${SECRET}`), { kind: "kit", token: SECRET });
  for (const broken of ["", "#kit", `#kit.${token}`, `#mail.${SECRET}`, `#mail.${token}x`, `#other.${token}`]) assert.equal(readWay(broken), null, broken);
});

test("a kit's code leads in from this city alone", () => {
  assert.equal(wayIn(`https://here.example/nl/enter#kit.${SECRET}`, ["here.example"]), `/en/enter#kit.${SECRET}`);
  assert.equal(wayIn(`https://evil.example/nl/enter#kit.${SECRET}`, ["here.example"]), null);
  assert.equal(wayIn("https://here.example/nl/scan", ["here.example"]), null);
});

test("a passkey made here shows before it is sent, and what was removed does not", () => {
  const made = { id: "e1", seq: 2, type: "passkey.add", state: "saved", at: 1, body: { name: "Phone", credential: { id: "c1" } } };
  const gone = { id: "e2", seq: 3, type: "passkey.remove", state: "saved", at: 2, body: { passkey: "p0" } };
  const rows = [{ key: "passkey:p0", row: { id: "p0", name: "Old", credential: "c0", created_at: "2026-01-01" } }];
  const shown = waysOf(/** @type {any} */ (rows), /** @type {any} */ ([gone, made]));
  assert.deepEqual(shown.passkeys.map(({ name, waits }) => [name, waits]), [["Phone", true]]);
  const refused = waysOf([], /** @type {any} */ ([{ ...made, state: "declined" }]));
  assert.deepEqual([refused.passkeys, refused.refused.length], [[], 1]);
});
