/** Draws anew when somebody else comes to work: nothing that one wrote stays on the screen of another. */
import { Fragment } from "preact";
import "@preact/signals";
import { atWork } from "../store/device.js";
import { live } from "../store/live.js";

/** Whose turn it is; undefined only until that was read. */
export const turn = live(() => atWork().catch(() => ({ learner: "", turn: 0 })), ["settings"]);

/** @param {{ children: import("preact").ComponentChildren }} props */
export function OfTurn({ children }) {
  const now = turn.value;
  return now ? <Fragment key={now.turn}>{children}</Fragment> : null;
}
