/** The islands of somebody who has begun: playlists, learning and badges share most of their parts. */
export { makeRoom } from "../actions/room.js";
export { ShareBadge } from "./badge-detail.jsx";
export * as badges from "./badges.jsx";
export * as install from "./install.jsx";
export * as join from "./join.jsx";
export * as learning from "./learning.jsx";
export * as people from "./people.jsx";
export * as playlist from "./playlist.jsx";
export * as share from "./share.jsx";
