/** The islands of all pages but an activity's, by the name that a page gives them in `data-island`. */

import "./ground.js";

const own = () => import("../islands/own.js");

/**
 * Written out, so that the bundler gives each group its own file and a page loads only what it shows.
 * @type {Record<string, () => Promise<(element: HTMLElement, props: any) => void>>}
 */
export const ISLANDS = {
  badges: async () => (await own()).badges,
  "badge-preview": async () => (await import("../islands/badge-preview.js")).start,
  "check-camera": async () => (await import("../islands/check-camera.jsx")).start,
  claim: async () => (await import("../islands/claim.jsx")).start,
  door: async () => (await import("../islands/door.jsx")).start,
  install: async () => (await own()).install,
  join: async () => (await own()).join,
  learning: async () => (await own()).learning,
  "my-data": async () => (await import("../islands/my-data.jsx")).start,
  pass: async () => (await import("../islands/pass.jsx")).start,
  people: async () => (await own()).people,
  playlist: async () => (await own()).playlist,
  scanner: async () => (await import("../islands/scanner.jsx")).start,
  share: async () => (await own()).share,
  "sign-in": async () => (await import("../islands/sign-in.jsx")).start,
  "staff-passkey": async () => (await import("../islands/staff-passkey.jsx")).start,
  "term-picker": async () => (await import("../islands/term-picker.jsx")).start,
  wallet: async () => (await import("../islands/wallet.jsx")).start,
  wallets: async () => (await import("../islands/wallets.jsx")).start,
  take: async () => (await import("../islands/take.jsx")).start,
};
