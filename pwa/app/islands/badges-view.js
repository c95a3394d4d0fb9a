/** My badges as they stand: what the server says, with what this phone has recorded since and not heard of yet. */
import { feed } from "../store/feed.js";
import { outbox } from "../store/outbox.js";
import { ownSetting } from "../store/settings.js";

/**
 * @typedef {AwardRow & {choice: AwardChoice, pinned: boolean, hidden: boolean, ended: boolean, imported?: false}} Badge
 * @typedef {ImportedRow & {pinned: boolean, hidden: boolean, imported: true}} Imported
 * @typedef {LinkRow & {secret: string | null, waits: boolean, refused: boolean}} Link
 * @typedef {{
 *   badges: (Badge | Imported)[],
 *   collections: CollectionRow[],
 *   links: Link[],
 *   endorsements: EndorsementRow[],
 *   invitations: InvitationRow[],
 *   milestones: MilestoneRow[],
 *   portfolio: PortfolioRow,
 * }} BadgesView
 */

const NOTHING_CHOSEN = { visibility: /** @type {const} */ ("link"), evidence: [], reflection: "", reflected_at: null };
/** How long somebody may be asked for words: the server says it anew. */
const ASKED_MS = 30 * 24 * 3600_000;
const NO_PORTFOLIO = { visibility: /** @type {const} */ ("private"), name: "", about: "", parts: {}, cv: {} };

/** @returns {Promise<BadgesView>} */
export async function lookAtBadges() {
  const [rows, items, secrets] = await Promise.all([feed(), outbox(), ownSetting("share_links")]);
  return viewOf(rows, items, secrets ?? {});
}

/**
 * @param {FeedRow[]} rows
 * @param {OutboxItem[]} items newest first
 * @param {Record<string, string>} secrets of links, by id
 * @param {number} [now] ms
 * @returns {BadgesView}
 */
export function viewOf(rows, items, secrets, now = Date.now()) {
  const told = new Map(rows.map(({ key, row }) => [key, row]));
  for (const item of [...items].reverse()) if (isAhead(item)) foresee(told, item);
  const arrangement = told.get("arrangement") ?? { order: [], pinned: [], hidden: [] };
  const all = [...told].flatMap(([key, row]) => badgeOf(key, row, arrangement, now) ?? []);
  return {
    badges: all.sort(byPlace(arrangement.order)),
    collections: under(told, "collection:"),
    links: linksOf(told, items, secrets),
    endorsements: under(told, "endorsement:"),
    invitations: under(told, "endorsement-invitation:"),
    milestones: under(told, "milestone:").filter(({ held }) => !held),
    portfolio: told.get("portfolio") ?? NO_PORTFOLIO,
  };
}

/** The server has not answered, or its answer is on hold. @param {OutboxItem} item */
const isAhead = ({ state }) => state !== "accepted" && state !== "declined";

/**
 * @param {Map<string, any>} told
 * @param {string} kind
 */
const under = (told, kind) => [...told].filter(([key]) => key.startsWith(kind)).map(([, row]) => row);

/**
 * Change what was told as the server will, once it hears of this.
 * @param {Map<string, any>} told
 * @param {OutboxItem} item
 */
function foresee(told, { type, body, at }) {
  if (type === "award.show") changeChoice(told, body.award, (choice) => shown(choice, body));
  if (type === "award.reflect")
    changeChoice(told, body.award, (choice) => ({ ...choice, reflection: body.text, reflected_at: body.text ? new Date(at).toISOString() : null }));
  if (type === "award.erase") foreseeErased(told, body.award);
  if (type === "badges.arrange") told.set("arrangement", body);
  if (type === "collection.keep") told.set(`collection:${body.collection}`, { id: body.collection, name: body.name, awards: body.awards });
  if (type === "collection.drop") told.delete(`collection:${body.collection}`);
  if (type === "link.make") foreseeLink(told, body, at);
  if (type === "link.withdraw") change(told, `link:${body.link}`, (link) => ({ ...link, withdrawn_at: new Date(at).toISOString() }));
  if (type === "endorsement.show") change(told, `endorsement:${body.endorsement}`, (row) => ({ ...row, state: body.shown ? "shown" : "declined" }));
  if (type === "endorsement.invite") told.set(`endorsement-invitation:${body.digest}`, { ...body, used: false, until: new Date(at + ASKED_MS).toISOString() });
  if (type === "endorsement.uninvite") told.delete(`endorsement-invitation:${body.digest}`);
  if (type === "portfolio.show") told.set("portfolio", { ...told.get("portfolio"), ...body });
}

/**
 * @param {Map<string, any>} told
 * @param {string} key
 * @param {(row: any) => any} to
 */
function change(told, key, to) {
  if (told.has(key)) told.set(key, to(told.get(key)));
}

/**
 * @param {Map<string, any>} told
 * @param {string} award
 * @param {(choice: AwardChoice) => AwardChoice} to
 */
function changeChoice(told, award, to) {
  change(told, `award:${award}`, (row) => ({ ...row, choice: to(row.choice ?? NOTHING_CHOSEN) }));
}

/**
 * @param {AwardChoice} choice
 * @param {Record<string, any>} body of award.show
 * @returns {AwardChoice}
 */
function shown(choice, { visibility, evidence }) {
  const said = new Map((evidence ?? []).map((/** @type {any} */ one) => [one.event, one.visibility]));
  const pieces = choice.evidence.map((one) => ({ ...one, visibility: said.get(one.event) ?? one.visibility }));
  return { ...choice, visibility, evidence: pieces };
}

/**
 * A link makes what it leads to and shows visible by link, where it was private.
 * @param {Map<string, any>} told
 * @param {Record<string, any>} body of link.make
 * @param {number} at ms
 */
function foreseeLink(told, body, at) {
  const { link: id, kind, subject, label, evidence, expires } = body;
  const times = { created_at: new Date(at).toISOString(), expires_at: expires && new Date(expires).toISOString(), withdrawn_at: null, viewed_at: null };
  told.set(`link:${id}`, { id, kind, subject: subject ?? "", label: label ?? "", evidence, views: 0, ...times });
  if (kind !== "award") return;
  const named = (/** @type {WorkPiece} */ { event, visibility }) => visibility === "private" && evidence.includes(event);
  changeChoice(told, subject, (choice) => ({
    ...choice,
    visibility: choice.visibility === "private" ? "link" : choice.visibility,
    evidence: choice.evidence.map((one) => (named(one) ? { ...one, visibility: "link" } : one)),
  }));
}

/**
 * With a badge goes all that is about it; collections stay, without it.
 * @param {Map<string, any>} told
 * @param {string} award
 */
function foreseeErased(told, award) {
  told.delete(`award:${award}`);
  for (const [key, row] of told) {
    const about = key.startsWith("link:") ? row.kind === "award" && row.subject === award : key.startsWith("endorsement") && row.award === award;
    if (about) told.delete(key);
    if (key.startsWith("collection:")) told.set(key, { ...row, awards: row.awards.filter((/** @type {string} */ id) => id !== award) });
  }
}

/**
 * @param {string} key
 * @param {any} row
 * @param {{pinned: string[], hidden: string[]}} arrangement
 * @param {number} now ms
 * @returns {Badge | Imported | null}
 */
function badgeOf(key, row, { pinned, hidden }, now) {
  const placed = { pinned: pinned.includes(row.id), hidden: hidden.includes(row.id) };
  if (key.startsWith("award:")) {
    const ended = Boolean(row.valid_until && Date.parse(row.valid_until) <= now);
    return { ...row, choice: row.choice ?? NOTHING_CHOSEN, ended, ...placed };
  }
  if (!key.startsWith("imported:")) return null;
  return { ...row, imported: true, ...placed };
}

/**
 * Pinned ones first, then in the learner's order; what nobody has ordered comes before that, the newest first.
 * @param {string[]} order
 * @returns {(a: Badge | Imported, b: Badge | Imported) => number}
 */
function byPlace(order) {
  const places = new Map(order.map((id, place) => [id, place + 1]));
  const place = (/** @type {{id: string}} */ { id }) => places.get(id) ?? 0;
  return (a, b) => Number(b.pinned) - Number(a.pinned) || place(a) - place(b) || (b.id < a.id ? -1 : 1);
}

/**
 * @param {Map<string, any>} told
 * @param {OutboxItem[]} items
 * @param {Record<string, string>} secrets
 * @returns {Link[]} newest first
 */
function linksOf(told, items, secrets) {
  const made = new Map(items.filter(({ type }) => type === "link.make").map((item) => [item.body.link, item]));
  const links = under(told, "link:").map((/** @type {LinkRow} */ row) => {
    const item = made.get(row.id);
    return { ...row, secret: secrets[row.id] ?? null, waits: Boolean(item && isAhead(item)), refused: item?.state === "declined" };
  });
  return links.sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
}

/**
 * @param {Link} link
 * @param {number} [now] ms
 */
export const isOpen = (link, now = Date.now()) => !link.withdrawn_at && !(link.expires_at && Date.parse(link.expires_at) <= now);
