/** The islands of all pages but an activity's, by the name that a page gives them in `data-island`. */

import "../load/ground.js";

const own = () => import("./own.js");

/**
 * Written out, so that the bundler gives each group its own file and a page loads only what it shows.
 * @type {Record<string, () => Promise<(element: HTMLElement, props: any) => void>>}
 */
export const ISLANDS = {
  account: async () => (await import("./account.jsx")).start,
  badges: async () => (await own()).badges,
  "badge-preview": async () => (await import("./badge-preview.js")).start,
  "check-camera": async () => (await import("./check-camera.jsx")).start,
  class: async () => (await import("./class.jsx")).start,
  claim: async () => (await import("./claim.jsx")).start,
  door: async () => (await import("./door.jsx")).start,
  enter: async () => (await import("./enter.jsx")).start,
  install: async () => (await own()).install,
  join: async () => (await own()).join,
  learning: async () => (await own()).learning,
  "my-data": async () => (await import("./my-data.jsx")).start,
  pass: async () => (await import("./pass.jsx")).start,
  people: async () => (await own()).people,
  phones: async () => (await import("./phones.jsx")).start,
  playlist: async () => (await own()).playlist,
  scanner: async () => (await import("./scanner.jsx")).start,
  share: async () => (await own()).share,
  "sign-in": async () => (await import("./sign-in.jsx")).start,
  "staff-passkey": async () => (await import("./staff-passkey.jsx")).start,
  "term-picker": async () => (await import("./term-picker.jsx")).start,
  wallet: async () => (await import("./wallet.jsx")).start,
  wallets: async () => (await import("./wallets.jsx")).start,
  take: async () => (await import("./take.jsx")).start,
};
