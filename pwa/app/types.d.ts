/** The shapes that travel between store, sync, actions and islands. Global: JSDoc names them without an import. */

// ── What an organiser published (page props, bundles) ──────────────────────

type TaskKind = "checkin" | "choice" | "choices" | "number" | "text" | "photo" | "audio";

interface Task {
  id: string;
  kind: TaskKind;
  prompt: string;
  hint?: string | null;
  required: boolean;
  options?: { id: string; text: string }[];
  unit?: string | null;
  step?: string | number | null;
  salt?: string;
  /** Hex SHA-256 of salt ‖ ":" ‖ canonical answer; null when the server or a reviewer decides. */
  accept?: string[] | null;
  max_length?: number | null;
}

interface ActivityRef {
  id: string;
  slug?: string;
  title: string;
  url: string;
  required?: boolean;
  minutes?: number | null;
}

interface BundleActivity extends ActivityRef {
  picture?: string | null;
  signal?: boolean;
  tasks: Task[];
}

/** "choose": how many of `from` beside the required ones. */
interface Rules {
  order: "any" | "fixed";
  required: string[];
  choose: number;
  from: string[];
}

/** What the phone knows of a code: enough to say "genuine", not enough to make one. */
interface CodeCommitment {
  point: string;
  activity: string;
  /** The session whose code it is; null: the stop's own. Bundles of before had none. */
  occurrence?: string | null;
  level: number;
  /** Unix seconds; an open end is null. */
  window: [number | null, number | null] | null;
  /** Hex SHA-256("streetwise1" ‖ point ‖ window ‖ secret); null for levels 0 and 3. */
  commitment: string | null;
  /** The first two characters of the typed form. */
  hint: string | null;
  /** Only when it asks whether one is there. */
  place?: Place;
}

/** Where a code counts: degrees, and metres around. */
interface Place {
  lat: number;
  lon: number;
  radius: number;
}

/** What is sent of it; the phone compares by itself. */
interface PlaceWord {
  is: "in" | "out" | "unknown";
  accuracy?: "fine" | "coarse";
}

/** An activity at a time, in milliseconds. */
interface Session {
  id: string;
  activity: string;
  starts: number;
  ends: number;
  /** null: as many as come. */
  capacity: number | null;
  /** null: the activity's own. */
  place: string | null;
  cancelled: boolean;
  reason: string | null;
  point: string;
}

interface Bundle {
  playlist: { id: string; slug: string; title: string; url: string; picture?: string | null };
  version: string;
  lang: string;
  valid_until: string;
  size: number;
  pages: { url: string; sha256: string; size: number }[];
  media: { url: string; sha256: string; size: number; mime: string }[];
  rules: Rules;
  activities: BundleActivity[];
  /** Bundles of before had none. */
  sessions?: Session[];
  codes: CodeCommitment[];
  keys: { issuer: string; did: string; multibase: string }[];
  achievement?: { id: string; name: string; description: string; image: string } | null;
}

/** A playlist on this phone. `bundle` is what serves now, `next` what is being fetched. */
interface SavedPlaylist {
  /** The playlist's id. */
  id: string;
  state: "absent" | "saving" | "ready" | "stale";
  bundle: Bundle | null;
  next: Bundle | null;
  /** Bytes. */
  done: number;
  total: number;
  saved_at: number | null;
  /** When a newer version last took over, and when we last asked for one; ms. */
  updated_at?: number;
  checked_at?: number;
  /** When a page of it was last opened, ms. */
  used_at?: number;
  /** false: its files may be here, but the worker has not said that it keeps the app itself, which opens them. */
  opens?: boolean;
  /** Why it is not going on: stopped, offline, full, damaged, gone, failed. */
  problem?: string | null;
}

// ── What the learner did (events, outbox) ──────────────────────────────────

type EventType =
  | "device.hello"
  | "device.invite"
  | "device.name"
  | "device.revoke"
  | "learner.erase"
  | "learner.merge"
  | "checkin.scan"
  | "checkin.appeal"
  | "checkin.confirm"
  | "checkin.undo"
  | "door.open"
  | "door.link"
  | "door.revoke"
  | "badge.claim"
  | "session.reserve"
  | "session.cancel"
  | "task.answer"
  | "evidence.submit"
  | "playlist.save"
  | "playlist.forget"
  | "feedback.give"
  | "award.show"
  | "award.reflect"
  | "award.erase"
  | "badges.arrange"
  | "collection.keep"
  | "collection.drop"
  | "link.make"
  | "link.withdraw"
  | "portfolio.show"
  | "endorsement.invite"
  | "endorsement.uninvite"
  | "endorsement.show"
  | "award.take"
  | "passkey.add"
  | "passkey.rename"
  | "passkey.remove"
  | "kit.make"
  | "kit.drop"
  | "child.add"
  | "child.consent"
  | "child.invite"
  | "child.free"
  | "class.join"
  | "class.leave"
  | "event.withdraw"
  | "event.lost";

type Answer = { choices: string[] } | { number: string } | { text: string };

interface BlobRef {
  sha256: string;
  size: number;
  mime: string;
}

/** The JSON whose bytes are signed; see sync/README.md. */
interface Envelope {
  v: 1;
  id: string;
  learner: string;
  device: string;
  seq: number;
  prev: string;
  type: EventType;
  tv: number;
  at: { wall: number; mono: number; boot: string; tz: number; anchor: string | null };
  body: Record<string, any>;
  blobs: BlobRef[];
  needs: string[];
}

/**
 * An answer is right, wrong or open; a code is one of the next (see actions/codes.js); whom a door let in was over its
 * capacity, or had an old pass.
 */
type Finding = "over" | "old" | "right" | "wrong" | "open" | "genuine" | "later" | "early" | "closed" | "unknown";

/**
 * saved: on this device · sending: in a request now · received: the server holds it and decides later ·
 * accepted, declined: decided · aside: could not be sent, tried again after `aside_until`.
 */
type OutboxState = "saved" | "sending" | "received" | "accepted" | "declined" | "aside";

interface OutboxItem {
  id: string;
  learner: string;
  device: string;
  seq: number;
  type: EventType;
  /** Wall clock, ms. */
  at: number;
  body: Record<string, any>;
  blobs: BlobRef[];
  p: string;
  s: string;
  state: OutboxState;
  why: string | null;
  effect: any;
  appeal: boolean;
  /** What this phone made of it by itself; the server decides. */
  local: Finding | null;
  /** How often the server choked on a batch with it. What it put off does not count. */
  tries: number;
  /** Acknowledged before, to be sent again (the server was restored, or has a hole). */
  replay: boolean;
  /** The person has seen that it was declined and put it away. */
  dismissed: boolean;
  decided_at: number | null;
  aside_until: number | null;
  /** The item that says the same thing again, at another place of the chain. */
  replaced?: string;
  /** How often it was recorded again before. */
  rounds?: number;
  /** Of event.lost: between which moments the lost things were done, ms, as far as the phone can tell. */
  lost?: { after: number | null; before: number | null };
}

/** This browser as one learner's device: its key and the end of its chain. */
interface DeviceRow {
  learner: string;
  device: string;
  seq: number;
  prev: string;
  epoch: string | null;
  anchor: { id: string; at: number | string } | null;
  keys: CryptoKeyPair;
  created_at: number;
}

interface StoredBlob extends BlobRef {
  learner: string;
  bytes: ArrayBuffer;
  state: "saved" | "sending" | "sent";
  /** Bytes that the server has. */
  sent: number;
  at: number;
}

interface Draft {
  /** Empty: written before the first action made a learner. */
  learner: string;
  task: string;
  value: any;
  at: number;
}

/** How a learner is known on this device, and only here. */
interface Person {
  learner: string;
  name: string;
  /** One of the pictures that we ship, by its name. */
  picture: string;
  /** PBKDF2-SHA-256 of the PIN: it keeps siblings out, not thieves. Base64url. */
  pin: { salt: string; hash: string; rounds: number } | null;
  /** Wrong PINs in a row, and until when no other may be tried; ms. */
  wrong?: number;
  wait_until?: number;
  /** Somebody has forgotten the PIN: from then on it is asked no more, unless it is entered before; ms. */
  pin_ends_at?: number | null;
  /** Who has a PIN and entered it to be checked in with the group. */
  in_group?: boolean;
  created_at: number;
  /** When they were last at work here, ms. */
  last_at: number;
}

/** Another device's event that this one carries to the server. */
interface RelayItem {
  /** The event's. */
  id: string;
  learner: string;
  device: string;
  seq: number;
  type: EventType;
  at: number;
  blobs: BlobRef[];
  p: string;
  s: string;
  state: "carried" | "delivered" | "refused";
  why: string | null;
  tries: number;
  aside_until: number | null;
  /** When it came here, ms. */
  taken_at: number;
}

/** Another device's file, with the signatures that let us upload it: by method and offset, `"PUT 0"`. */
interface RelayBlob extends BlobRef {
  device: string;
  bytes: ArrayBuffer;
  signatures: Record<string, string>;
  state: "carried" | "delivered";
}

/** A session's door that this phone has opened, as it is kept. */
interface StoredDoor {
  occurrence: string;
  /** Whose device opened it: all that is done at it is theirs, whoever is at work. */
  learner: string;
  /** The event that opened it. */
  opened: string;
  /** What the server last said; with it, all works offline. */
  reply: DoorReply;
  etag: string | null;
  /** When it said so, by this phone's clock, ms. */
  fetched_at: number;
  /** The link has ended, or was revoked: the server says no more. */
  closed?: boolean;
  /** Links for helpers that were made here; the secret leaves this phone only by the screen. */
  made?: { event: string; label: string; secret: string }[];
}

/** A door, and how far the server's clock is ahead of this phone's, ms (store/clock.js). */
interface Door extends StoredDoor {
  offset: number;
}

/** Who runs a cycle now: another tab may take over when it has passed. */
interface Lease {
  name: string;
  holder: string;
  /** ms */
  until: number;
}

// ── What the server says (feed, verdicts) ──────────────────────────────────

interface FeedRow<T = any> {
  feed: string;
  key: string;
  ver: number;
  row: T;
}

/** Under `child:{guardianship}`, of a guardian. Of a child who has taken over only `child` and `freed_at` are left. */
interface ChildRow {
  child: string;
  born: number;
  country: string;
  since: string;
  /** The first year in which the child surely needs no guardian's consent. */
  alone_from: number;
  /** When a guardian consented; null where none was needed, or was withdrawn. */
  consent: string | null;
  withdrawn: boolean;
  /** Empty unless the guardian let them leave the phone. */
  name: string;
  picture: string;
  freed_at?: string;
}

/** Under `guardian:{guardianship}`, of a child. `own`: a phone was let in that may take over. */
interface GuardianRow {
  guardian: string;
  since: string;
  alone_from: number;
  own: boolean;
}

/** Under `class:{member}`: a class that a learner is in, by their pseudonym. */
interface ClassRow {
  name: string;
  organiser: string;
  pseudonym: string;
  ends_at: string;
}

/** Under `checkin:{activity}`, or `checkin:{activity}:{occurrence}` when it was at a session. */
interface CheckinRow {
  activity: string;
  occurrence?: string;
  /** They came beyond the session's places; the organiser may decide about it. */
  over?: boolean;
  point: string | null;
  level: number;
  time: "proven" | "claimed";
  at: string;
  event: string;
}

interface TaskRow {
  task: string;
  activity: string;
  state: "right" | "wrong" | "received" | "accepted" | "improve" | "declined";
  tries: number;
  at: string;
  event: string;
  /** What the organiser says of it. */
  note?: string;
}

/** Under `flag:{event}`: a check-in that was looked at again. */
interface FlagRow {
  state: "voided" | "kept";
  activity: string;
  /** What the organiser says of it. */
  reason: string;
  at: string;
  /** The learner's own words against it; empty when there are none. */
  appeal?: string | null;
  /** Somebody has decided since the learner said that. */
  answered?: boolean;
}

/** A place that was reserved at a session; called_off: by the organiser, with `reason`. */
interface SessionRow {
  occurrence: string;
  activity: string;
  state: "reserved" | "cancelled" | "called_off";
  /** ms */
  starts: number;
  ends: number;
  title: InLanguages;
  place: InLanguages;
  slug: string;
  at: string;
  event: string;
  reason?: string;
}

interface CompletionRow {
  id: string;
  at: string;
  assurance?: any;
}

type InLanguages = Record<string, string>;

interface AwardRow {
  id: string;
  achievement: string;
  name: InLanguages;
  description: InLanguages;
  criteria: InLanguages;
  image: string;
  issuer: { id: string; name: InLanguages };
  url: string;
  json: string;
  png: string;
  /** All of its files, by kind. */
  files?: Record<string, string>;
  awarded_at: string;
  assurance: { level: number; time: string; review?: string | null; words: InLanguages };
  playlist: string | null;
  corrected_at?: string | null;
  revoked_at: string | null;
  reason: string | null;
  valid_until?: string | null;
  renew_from?: string | null;
  renewal?: InLanguages;
  level?: string | null;
  note?: string;
  results?: { name: InLanguages; level: InLanguages }[];
  choice?: AwardChoice;
}

/** private: only me · link: whoever has a link · public: also in the portfolio that anybody may open. */
type Visibility = "public" | "link" | "private";

interface WorkPiece {
  /** The event that handed it in. */
  event: string;
  title: InLanguages;
  kind: "text" | "photo" | "audio";
  visibility: Visibility;
}

interface AwardChoice {
  visibility: Visibility;
  evidence: WorkPiece[];
  reflection: string;
  reflected_at: string | null;
}

interface CollectionRow {
  id: string;
  name: string;
  /** Badges' ids, in order. */
  awards: string[];
}

interface PasskeyRow {
  id: string;
  /** By which its authenticator knows it. */
  credential: string;
  transports: string[];
  name: string;
  /** Kept by a password manager, not by one device alone. */
  synced: boolean;
  created_at: string;
  used_at: string | null;
}

interface KitRow {
  id: string;
  label: string;
  created_at: string;
  used_at: string | null;
}

interface MailRow {
  id: string;
  /** Shortened: a…a@example.org */
  address: string;
  confirmed: boolean;
  created_at: string;
  used_at: string | null;
}

/** A playlist that the learner saved on one of their phones. */
interface SavedRow {
  playlist: string;
  title: Record<string, string>;
  slug: string;
}

interface LinkRow {
  id: string;
  kind: "award" | "collection" | "portfolio" | "cv";
  subject: string;
  label: string;
  evidence: string[];
  created_at: string;
  expires_at: string | null;
  withdrawn_at: string | null;
  views: number;
  viewed_at: string | null;
}

interface PortfolioRow {
  visibility: Visibility;
  name: string;
  about: string;
  parts: Record<string, boolean>;
  cv: Record<string, string>;
  /** Missing until the server has made it. */
  url?: string;
}

/** What somebody said about an award, under `endorsement:{id}`. */
interface MilestoneRow {
  achievement: string;
  series: string;
  name: InLanguages;
  image: string;
  issuer: { id: string; name: InLanguages };
  count: number;
  /** Kinds and ids: `["activity" | "playlist" | "series", id]`. */
  of: [string, string][];
  done: [string, string][];
  missing: MilestonePart[];
  /** Badges that must be held besides, and are not. */
  needs: MilestonePart[];
  /** The badge itself is held. */
  held: boolean;
}

interface MilestonePart {
  name: InLanguages;
  by: InLanguages;
  /** Without the language. */
  path: string;
}

interface EndorsementRow {
  id: string;
  award: string;
  /** Who signed it. */
  issuer: InLanguages;
  /** An invited person as they name themselves; empty when the issuer speaks. */
  by: string;
  text: string;
  lang: string;
  at: string;
  state: "waiting" | "shown" | "declined" | "revoked";
  url: string;
}

/** Somebody who was asked for words on an award, under `endorsement-invitation:{digest}`. */
interface InvitationRow {
  digest: string;
  award: string;
  label: string;
  until: string;
  used: boolean;
}

/** A badge from elsewhere, under `imported:{id}`. */
interface ImportedRow {
  id: string;
  name: InLanguages;
  issuer: string;
  state: "ok" | "failed" | "unchecked";
  checks: { name: string; state: string; words: string }[];
  description: string;
  /** a small `data:` address */
  image?: string | null;
  checked_at: string;
  created_at: string;
}

/** An outside app that may read badges. Times in ms. */
interface AllowedWallet {
  id: string;
  name: string;
  uri: string;
  scopes: string[];
  /** null: all, and those to come */
  awards: string[] | null;
  since: number;
  used: number | null;
}

interface Verdict {
  id: string;
  state: "ok" | "dup" | "rejected" | "hold" | "later";
  durable?: boolean;
  why?: string | null;
  effect?: any;
  /** With "dup": what was said the first time. */
  verdict?: "ok" | "rejected" | "hold";
  retry_s?: number;
  appeal?: boolean;
}

interface DoorEntry {
  id: string;
  /** null: a guest. */
  learner: string | null;
  /** The learner's, by which a pass is known. */
  devices: string[];
  event: string;
  name: string;
  picture: string;
  /** scan, receipt: by their own phone. */
  way: "pass" | "tick" | "guest" | "scan" | "receipt";
  /** Of the check-in; null when there is none. */
  level: number | null;
  /** ms */
  at: number;
  over: boolean;
  state: "in" | "undone" | "voided";
  /** Why it was voided, in the organiser's words; else empty. */
  why: string;
  /** The door's device that confirmed it; empty when they came by their own phone. */
  by: string;
}

/** GET /api/door/{occurrence}. Times in ms, but the window's. */
interface DoorReply {
  now: number;
  occurrence: {
    id: string;
    activity: string;
    title: string;
    place: string;
    starts: number;
    ends: number;
    timezone: string;
    capacity: number | null;
    taken: number;
    cancelled: boolean;
  };
  role: "organiser" | "helper";
  until: number;
  /** Empty when the session has no rotating code. */
  point: string;
  /** The first two characters of the typed form. */
  hint: string;
  /** When its codes count, seconds. */
  window: [number, number];
  days: { day: string; key: string }[];
  entries: DoorEntry[];
  expected: { learner: string; devices: string[]; name: string; picture: string }[];
  /** Empty for helpers. */
  links: DoorLink[];
  /** Codes of this session that seem to have leaked; a reply of before has none. */
  alarms?: { used: number; far: number; since: number; why: "far" | "room" | "usual" }[];
}

interface DoorLink {
  id: string;
  label: string;
  role: "organiser" | "helper";
  ends: number;
  revoked: boolean;
  /** Some phone has used it. */
  opened: boolean;
}

interface FeedPart {
  rows: { ver: number; key: string; op: "put" | "del"; row?: any }[];
  next: number;
  more: boolean;
  reset?: boolean;
}

interface SyncReply {
  epoch: string;
  now?: number;
  anchor?: { id: string; at: number | string } | null;
  results: Verdict[];
  feeds: Record<string, FeedPart>;
  missing?: { device: string; seq: [number, number] }[];
  want_blobs?: string[];
  next_s?: number;
  /** Who the learner turned out to be. */
  learner?: string;
}

/** RFC 9457. */
interface Problem {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
}

// ── What an island draws ───────────────────────────────────────────────────

/**
 * open: nothing done · begun: something done · waiting: done by what this phone holds, the server has not said so ·
 * done: the server's word.
 */
type Standing = "open" | "begun" | "waiting" | "done";

interface TaskProgress {
  task: string;
  /** wrong: try again · improve: the reviewer asks for more. */
  state: "open" | "wrong" | "improve" | "declined" | "waiting" | "received" | "done";
  /** True when the state rests on something not yet decided by the server. */
  waiting: boolean;
  tries: number;
  /** The newest event about it on this phone. */
  event: string | null;
  /** What the organiser says of it. */
  note?: string;
  /** Of a check-in: beyond the session's places. */
  over?: boolean;
}

interface ActivityProgress {
  activity: string;
  state: Standing;
  checkedIn: boolean;
  tasks: Record<string, TaskProgress>;
  done: number;
  total: number;
}

interface PlaylistProgress {
  state: Standing;
  /** Activities that count, done or waiting, out of what the rule asks for. */
  done: number;
  waiting: number;
  total: number;
  requiredLeft: string[];
  chooseLeft: number;
  activities: Record<string, ActivityProgress>;
  /** With a fixed order: the first that is not done. */
  next: string | null;
}

type StoreName = "device" | "outbox" | "feed" | "cursors" | "blobs" | "bundles" | "drafts" | "settings" | "people" | "relay" | "relay_blobs" | "leases" | "ballast" | "doors";

// ── Skills and competences (GET /api/frameworks/terms) ─────────────────────

/** `url` as credentials say it; `other`: the name's language, when it is not the page's; an `area` only holds others. */
interface FoundTerm {
  uri: string;
  url: string;
  page: string;
  name: string;
  lang: string;
  other: string;
  description: string;
  framework: string;
  framework_name: string;
  code: string;
  area: boolean;
}

interface FoundTerms {
  terms: FoundTerm[];
  more: boolean;
}

interface TermPickerProps {
  chosen: { url: string; name: string; framework: string }[];
  frameworks: { key: string; name: string }[];
  typed: { skill_url: string; skill_name: string };
  problem: string;
  most: number;
}

// ── My data ────────────────────────────────────────────────────────────────

/** A copy of everything, asked for and perhaps made; times in ms. */
interface DataCopy {
  id: string;
  asked: number;
  made: number | null;
  size: number;
  problem: string;
  until: number;
  /** Holds for ten minutes. */
  url: string | null;
}

/** What the server stores about the learner, in numbers. */
interface OwnData {
  since: number;
  counts: Record<string, number>;
  bytes: number;
  consents: { what: string; words: string; given: number; ended: number | null; child: boolean }[];
  exports: DataCopy[];
}

/** That somebody erased everything, as this phone says it until that was read. */
interface ErasedNews {
  /** Empty where nobody else learns here. */
  name: string;
  at: number;
  /** What was done here and had not been sent. */
  unsent: number;
}
