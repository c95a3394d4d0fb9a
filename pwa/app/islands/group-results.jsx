/** What became of a group's check-in: each child's own state, who was in already, and taking it back. */
import { useEffect, useRef, useState } from "preact/hooks";
import { checkInOne, withdraw } from "../actions/group.js";
import { gettext, language, ngettext } from "../i18n.js";
import { everyItem } from "../store/everyone.js";
import { takenBack } from "../store/progress.js";
import { timeOf } from "./date-words.js";
import { Sign } from "./icons.jsx";
import { stateWords, whyWords } from "./item-state.jsx";
import { PersonPicture } from "./people-pictures.jsx";
import { useLive } from "./use-live.js";

/** @typedef {import("../actions/group.js").Entry} Entry */
/** @typedef {{ sign: string, tone?: "ok" | "warn" | "bad", words: string, why?: string, undo: boolean, redo: boolean }} Standing */

/** So long the way back stands at the bottom of the screen; later it stands beside each name. */
const SNACKBAR_MS = 8000;

/**
 * @param {{ entries: Entry[], stop: {title: string, url: string | null}, code?: import("../actions/group.js").Scanned, onAgain?: () => void }} props
 *   code: with it, who was taken back or could not be kept can be checked in again
 */
export function GroupResults({ entries: first, stop, code, onAgain }) {
  const [entries, setEntries] = useState(first);
  const seen = useLive(everyItem, ["outbox"]);
  const items = seen ?? [];
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  useEffect(() => {
    if (code && seen) heading.current?.focus();
  }, [Boolean(seen)]);
  if (seen === undefined) return null;
  const standings = new Map(entries.map((one) => [one.learner, standingOf(one, items)]));
  const fresh = entries.filter((one) => one.item && !one.again && standings.get(one.learner)?.undo);
  const counted = entries.filter((one) => /** @type {Standing} */ (standings.get(one.learner)).tone !== "bad" && !standings.get(one.learner)?.redo);

  /** @param {Entry[]} whom */
  const takeBack = async (whom) => {
    for (const { item } of whom) if (item) await withdraw(item).catch(console.warn);
  };
  /** @param {Entry} one */
  const redo = async (one) => {
    if (!code) return;
    const next = await checkInOne(code, one);
    setEntries((now) => now.map((entry) => (entry.learner === one.learner ? next : entry)));
  };
  return (
    <section class="group card" aria-labelledby="group-done">
      <h2 id="group-done" ref={heading} tabIndex={-1}>
        {ngettext("%(in)s of %(num)s checked in", "%(in)s of %(num)s checked in", entries.length, { in: counted.length })}
      </h2>
      {stop.title && (
        <p class="muted" dir="auto">
          {stop.title}
        </p>
      )}
      <ul class="group-list">
        {entries.map((one) => (
          <Row
            key={one.learner}
            one={one}
            standing={/** @type {Standing} */ (standings.get(one.learner))}
            onUndo={() => void takeBack([one])}
            onRedo={code && (() => void redo(one))}
          />
        ))}
      </ul>
      {(stop.url || onAgain) && (
        <div class="group-send">
          {stop.url && (
            <a class="button" href={stop.url}>
              {gettext("Go to the stop")}
            </a>
          )}
          {onAgain && (
            <button type="button" class="button button-quiet" onClick={onAgain}>
              {gettext("Scan another code")}
            </button>
          )}
        </div>
      )}
      {code && <Snackbar count={first.filter((one) => one.item && !one.again).length} onUndo={() => void takeBack(fresh)} />}
      <p class="muted">
        {gettext("Each has it in their own learning.")} <a href={`/${language()}/people`}>{gettext("See everyone")}</a>
      </p>
    </section>
  );
}

/** @param {{ one: Entry, standing: Standing, onUndo: () => void, onRedo?: () => void }} props */
function Row({ one, standing: { sign, tone, words, why, undo, redo }, onUndo, onRedo }) {
  const name = one.name || gettext("No name yet");
  return (
    <li class="group-one">
      <PersonPicture name={one.picture} />
      <span class="group-name" dir="auto">
        {name}
      </span>
      <span class={tone ? `group-state item-state tone-${tone}` : "group-state item-state"}>
        <Sign name={sign} />
        <span>{words}</span>
        {why && <span class="item-state-why">{why}</span>}
      </span>
      {undo && (
        <button type="button" class="button button-quiet button-small" aria-label={gettext("Undo for %(name)s", { name })} onClick={onUndo}>
          {gettext("Undo")}
        </button>
      )}
      {redo && onRedo && (
        <button type="button" class="button button-quiet button-small" aria-label={gettext("Check in %(name)s again", { name })} onClick={onRedo}>
          {gettext("Again")}
        </button>
      )}
    </li>
  );
}

/**
 * Goes by itself after a while, but not from under a finger or the keyboard's focus.
 * @param {{ count: number, onUndo: () => void }} props
 */
function Snackbar({ count, onUndo }) {
  const [shown, setShown] = useState(count > 0);
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (!shown || held) return;
    const timer = setTimeout(() => setShown(false), SNACKBAR_MS);
    return () => clearTimeout(timer);
  }, [shown, held]);
  if (!shown) return null;
  return (
    <div class="snackbar" role="status" onPointerEnter={() => setHeld(true)} onPointerLeave={() => setHeld(false)} onFocusCapture={() => setHeld(true)} onBlurCapture={() => setHeld(false)}>
      <span>{ngettext("%(num)s checked in", "%(num)s checked in", count)}</span>
      <button
        type="button"
        onClick={() => {
          setShown(false);
          onUndo();
        }}
      >
        {gettext("Undo all")}
      </button>
    </div>
  );
}

/**
 * @param {Entry} entry
 * @param {OutboxItem[]} items of everyone
 * @returns {Standing}
 */
function standingOf({ item: id, again, at, failed }, items) {
  if (failed) return { sign: "cross", tone: "bad", words: gettext("Not saved"), undo: false, redo: true };
  const item = newest(id, items);
  const time = timeOf(at);
  if (!item) return { sign: "check", tone: "ok", words: gettext("In already since %(time)s", { time }), undo: false, redo: false };
  const word = items.find(({ type, body }) => type === "event.withdraw" && body.event === item.id);
  if (takenBack(items).has(item.id)) return { sign: "cross", words: gettext("Taken back"), undo: false, redo: true };
  const stays = word ? gettext("It stays: something was finished with it.") : undefined;
  const { sign, tone, words } = stateWords(item);
  if (item.state === "declined") return { sign, tone, words, why: whyWords(item.why ?? ""), undo: false, redo: false };
  const before = again || item.effect?.already;
  return { sign, tone, words: before ? gettext("In already since %(time)s", { time }) : words, why: stays, undo: !stays, redo: false };
}

/**
 * The event in its newest form, when it had to be recorded again.
 * @param {string | null} id
 * @param {OutboxItem[]} items
 * @returns {OutboxItem | undefined}
 */
function newest(id, items) {
  const item = items.find((one) => one.id === id);
  return item?.replaced ? newest(item.replaced, items) : item;
}
