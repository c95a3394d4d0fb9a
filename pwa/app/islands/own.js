/** The islands of somebody who has begun: playlists, learning and badges share most of their parts. */
import "../load/visiting.js";
export { makeRoom } from "../actions/room.js";
export { ShareBadge } from "./badge-detail.jsx";
export { SecondPhone } from "./second-phone.jsx";
export { start as badges } from "./badges.jsx";
export { start as install } from "./install.jsx";
export { Join, start as join } from "./join.jsx";
export { start as learning } from "./learning.jsx";
export { start as people } from "./people.jsx";
export { start as playlist } from "./playlist.jsx";
export { start as share } from "./share.jsx";
