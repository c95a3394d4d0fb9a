/** What a stop's page shows, in one file, so that a first visit asks for few. */
import "../load/visiting.js";
export { start as arrival } from "./arrival.jsx";
export { start as stop } from "./stop.jsx";
