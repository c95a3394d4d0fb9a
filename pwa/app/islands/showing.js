/** What a learner does with badges: who sees them, order, collections, links, portfolio. Fetched by use-showing.js. */
import "../load/visiting.js";
export { Choices } from "./badge-choices.jsx";
export { Erase } from "./badge-erase.jsx";
export { Room } from "./badge-rooms.jsx";
