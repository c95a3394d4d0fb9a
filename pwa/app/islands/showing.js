/** What a learner does with badges: who sees them, order, collections, links, portfolio, badges from elsewhere. Fetched by use-showing.js. */
import "../load/visiting.js";
export { sendImports } from "../actions/imports.js";
export { Choices } from "./badge-choices.jsx";
export { ForeignBadge } from "./foreign-badge.jsx";
export { Erase } from "./badge-erase.jsx";
export { Room } from "./badge-rooms.jsx";
