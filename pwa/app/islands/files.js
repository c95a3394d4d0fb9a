/** What tasks with files need once there is one, or nearly: looking in and at it, recording, and how far the upload is. */
import "../load/visiting.js";
export { MOST_FILES, takeFiles } from "../actions/files.js";
export { Recorder } from "./recorder.jsx";
export { RefusedFiles } from "./refused-files.jsx";
export { TakenFiles } from "./taken-files.jsx";
export { GivenFiles } from "./given-files.jsx";
export { UploadState } from "./upload-state.jsx";
