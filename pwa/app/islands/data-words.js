/** What is stored, in plain words and numbers. */
import { gettext, ngettext } from "../i18n.js";
import { dayOf } from "./date-words.js";
import { sizeWords } from "./size-words.js";

/**
 * @param {import("../actions/my-data.js").Here} here
 * @returns {[string, string][]}
 */
export function hereWords({ name, done, waiting, badges, files, bytes, drafts, playlists }) {
  return /** @type {[string, string][]} */ (
    [
      [gettext("Your name"), name || gettext("none")],
      [gettext("What you did"), ngettext("%(num)s thing", "%(num)s things", done)],
      [gettext("Of these not sent yet"), waiting ? `${waiting}` : ""],
      [gettext("Badges"), `${badges}`],
      [gettext("Photos and sounds"), files ? `${files} (${sizeWords(bytes)})` : ""],
      [gettext("Begun and not handed in"), drafts ? `${drafts}` : ""],
      [gettext("Saved playlists"), playlists ? `${playlists}` : ""],
      [gettext("A key that signs for you"), gettext("never leaves this phone")],
    ].filter(([, how]) => how)
  );
}

/**
 * @param {OwnData} there
 * @returns {[string, string][]}
 */
export function thereWords({ since, counts, bytes }) {
  const known = groups().map(([what, names]) => /** @type {[string, number]} */ ([what, sumOf(counts, names)]));
  const rows = known.filter(([, count]) => count).map(([what, count]) => /** @type {[string, string]} */ ([what, `${count}`]));
  const size = bytes ? /** @type {[string, string][]} */ ([[gettext("Size of your files"), sizeWords(bytes)]]) : [];
  return [[gettext("Known since"), dayOf(since)], [gettext("Known by"), gettext("a random number, not a name")], ...rows, ...size];
}

/** Each kind, and the tables that it lies in. @returns {[string, string[]][]} */
const groups = () => [
  [gettext("Check-ins"), ["check_ins"]],
  [gettext("Answers"), ["answers"]],
  [gettext("Work handed in"), ["evidence"]],
  [gettext("Photos and sounds"), ["blobs"]],
  [gettext("Finished"), ["completions"]],
  [gettext("Badges"), ["awards"]],
  [gettext("Badges from elsewhere"), ["imported_badges"]],
  [gettext("What you chose and wrote for badges"), ["award_choices", "collections", "portfolios"]],
  [gettext("Links that you made"), ["share_links", "endorsement_invitations"]],
  [gettext("Places at sessions"), ["reservations", "door_entries"]],
  [gettext("Doors where you let people in"), ["door_devices"]],
  [gettext("Phones and browsers"), ["devices"]],
  [gettext("Passkeys"), ["passkeys"]],
  [gettext("Mail addresses"), ["learner_mails"]],
  [gettext("Recovery kits"), ["recovery_kits"]],
  [gettext("Organisers who know you by name"), ["recipients"]],
  [gettext("Classes"), ["class_members"]],
  [gettext("Family"), ["guardianships"]],
  [gettext("Agreements"), ["consents"]],
  [gettext("Wallets that may read"), ["wallet_grants"]],
  [gettext("Push messages switched on"), ["push_subscriptions"]],
  [gettext("What organisers looked at again"), ["flags", "decisions"]],
  [gettext("Signed messages from your phones"), ["events"]],
];

/** @param {Record<string, number>} counts @param {string[]} names */
const sumOf = (counts, names) => names.reduce((sum, name) => sum + (counts[name] ?? 0), 0);
