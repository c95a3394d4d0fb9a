/** Turning pages with a finger: towards the next in the direction of reading, or back. */

/** A shorter way is a tap or a scroll. */
const FAR = 60;

/**
 * @param {(by: 1 | -1) => void} onTurn
 * @returns {{onTouchStart: (event: TouchEvent) => void, onTouchEnd: (event: TouchEvent) => void}}
 */
export function swipes(onTurn) {
  return { onTouchStart: begin, onTouchEnd: (event) => end(event, onTurn) };
}

/** One finger at a time, and only one screen. @type {{x: number, y: number} | null} */
let from = null;

/** @param {TouchEvent} event */
function begin({ touches }) {
  from = touches.length === 1 ? { x: touches[0].clientX, y: touches[0].clientY } : null;
}

/** @param {TouchEvent} event @param {(by: 1 | -1) => void} onTurn */
function end({ changedTouches: [{ clientX, clientY }] }, onTurn) {
  const by = from && wayOf(clientX - from.x, clientY - from.y);
  from = null;
  if (by) onTurn(document.documentElement.dir === "rtl" ? /** @type {1 | -1} */ (-by) : by);
}

/**
 * @param {number} x
 * @param {number} y
 * @returns {1 | -1 | null} 1: to the left, as one turns a page that is read from there
 */
export function wayOf(x, y) {
  if (Math.abs(x) < FAR || Math.abs(x) < 2 * Math.abs(y)) return null;
  return x < 0 ? 1 : -1;
}
