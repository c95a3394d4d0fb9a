/** My badges show at once what was chosen on this phone, and what the server says once it has answered. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { frameOf, htmlOf, linkedIn } from "../../pwa/app/actions/badge-places.js";
import { moved } from "../../pwa/app/islands/badge-order.js";
import { isOpen, viewOf } from "../../pwa/app/islands/badges-view.js";

const NOW = Date.parse("2026-06-01T12:00:00Z");
const choice = { visibility: "link", evidence: [{ event: "e1", title: { en: "Mill" }, kind: "text", visibility: "private" }], reflection: "", reflected_at: null };
const award = (/** @type {string} */ id, more = {}) => row(`award:${id}`, { id, name: { en: id }, choice, ...more });
const row = (/** @type {string} */ key, /** @type {any} */ content) => /** @type {FeedRow} */ ({ feed: "f", key, ver: 1, row: content });

let seq = 0;
const said = (/** @type {string} */ type, /** @type {any} */ body, state = "saved") =>
  /** @type {OutboxItem} */ (/** @type {unknown} */ ({ id: `i${++seq}`, seq, type, body, state, at: NOW }));
const look = (/** @type {FeedRow[]} */ rows, /** @type {OutboxItem[]} */ ...items) => viewOf(rows, items.reverse(), { l1: "secret" }, NOW);

test("what was chosen shows before it is sent, and the server's word afterwards", () => {
  const rows = [award("a")];
  const shown = said("award.show", { award: "a", visibility: "private", evidence: [{ event: "e1", visibility: "public" }] });
  const first = /** @type {any} */ (look(rows, shown).badges[0]);
  assert.deepEqual([first.choice.visibility, first.choice.evidence[0].visibility], ["private", "public"]);
  for (const state of ["accepted", "declined"]) {
    const after = /** @type {any} */ (look(rows, { ...shown, state: /** @type {any} */ (state) }).badges[0]);
    assert.equal(after.choice.visibility, "link");
  }
});

test("pinned badges come first, then the order, and a new badge before what was ordered", () => {
  const rows = [award("a"), award("b"), award("c"), award("d")];
  const view = look(rows, said("badges.arrange", { order: ["b", "a", "c"], pinned: ["c"], hidden: ["a"] }));
  assert.deepEqual(view.badges.map(({ id }) => id), ["c", "d", "b", "a"]);
  assert.deepEqual(view.badges.filter(({ hidden }) => hidden).map(({ id }) => id), ["a"]);
});

test("a collection is there once made, and gone once dropped", () => {
  const made = said("collection.keep", { collection: "c1", name: "Jobs", awards: ["a"] });
  assert.deepEqual(look([award("a")], made).collections, [{ id: "c1", name: "Jobs", awards: ["a"] }]);
  assert.deepEqual(look([award("a")], made, said("collection.drop", { collection: "c1" })).collections, []);
});

test("a link is there at once, shows what it names by link, and ends when it is withdrawn", () => {
  const made = said("link.make", { link: "l1", kind: "award", subject: "a", label: "Work", expires: NOW + 1000, evidence: ["e1"] });
  const view = look([award("a", { choice: { ...choice, visibility: "private" } })], made);
  const [link] = view.links;
  assert.deepEqual([link.secret, link.waits, isOpen(link, NOW), isOpen(link, NOW + 1000)], ["secret", true, true, false]);
  const badge = /** @type {any} */ (view.badges[0]);
  assert.deepEqual([badge.choice.visibility, badge.choice.evidence[0].visibility], ["link", "link"]);
  const [ended] = look([award("a")], made, said("link.withdraw", { link: "l1" })).links;
  assert.equal(isOpen(ended, NOW), false);
  assert.equal(look([], { ...made, state: "declined" }).links.length, 0);
});

test("a badge whose time is over says so, and one from elsewhere is no badge of ours", () => {
  const rows = [award("a", { valid_until: "2026-05-31T00:00:00Z" }), row("imported:x", { id: "x", name: { en: "Other" }, issuer: "Elsewhere" })];
  const [imported, ended] = look(rows).badges;
  assert.equal(/** @type {any} */ (ended).ended, true);
  assert.equal(imported.imported, true);
});

test("LinkedIn's form gets every field it has", () => {
  const badge = /** @type {AwardRow} */ (/** @type {unknown} */ ({
    name: { en: "River & mill" }, issuer: { name: { en: "Museum" } }, image: "/achievements/1/image.svg",
    url: "https://city.example/credentials/abc", awarded_at: "2026-06-01T12:00:00Z", valid_until: "2028-12-31T23:00:00Z",
  }));
  const address = new URL(linkedIn(badge));
  assert.equal(`${address.origin}${address.pathname}`, "https://www.linkedin.com/profile/add");
  assert.deepEqual(Object.fromEntries(address.searchParams), {
    startTask: "CERTIFICATION_NAME", name: "River & mill", organizationName: "Museum", issueYear: "2026", issueMonth: "6",
    expirationYear: "2028", expirationMonth: "12", certUrl: badge.url, certId: "abc",
  });
  assert.ok(!linkedIn({ ...badge, valid_until: null }).includes("expiration"));
  assert.match(htmlOf(badge), /^<a href="https:\/\/city\.example\/credentials\/abc"><img src="https:\/\/city\.example\/achievements\/1\/image\.png"/);
  const evil = { ...badge, name: { en: '"><script>' } };
  assert.ok(!`${frameOf(evil)}${htmlOf(evil)}`.includes("<script"));
});

test("a badge moves to its new place, and no other changes its order", () => {
  assert.deepEqual(moved(["a", "b", "c"], "a", 2), ["b", "c", "a"]);
  assert.deepEqual(moved(["a", "b", "c"], "c", 0), ["c", "a", "b"]);
});

test("an erased badge is gone at once with all that is about it, and back if the server refuses", () => {
  const made = said("link.make", { link: "l1", kind: "award", subject: "a", label: "Work", expires: null, evidence: [] });
  const rows = [award("a"), award("b"), row("collection:c", { id: "c", name: "Jobs", awards: ["a", "b"] }), row("endorsement:e", { id: "e", award: "a" }), row("endorsement-invitation:d", { award: "a" })];
  const erased = said("award.erase", { award: "a" });
  const view = look(rows, made, erased);
  assert.deepEqual([view.badges.map(({ id }) => id), view.collections[0].awards, view.links, view.endorsements, view.invitations], [["b"], ["b"], [], [], []]);
  assert.equal(look(rows, { ...erased, state: /** @type {any} */ ("declined") }).badges.length, 2);
});
