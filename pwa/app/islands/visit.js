/** What a stop's page shows, in one file, so that a first visit asks for few. */
export * as arrival from "./arrival.jsx";
export * as stop from "./stop.jsx";
