/** What every page draws with, on the ground that it stands on: one file, see ground.js. */
import "./ground.js";
import "preact";
import "preact/hooks";
import "preact/jsx-runtime";
import "@preact/signals";
