/** What tasks with files need: choosing, recording, looking again, and how far the upload is. */
export { TaskFiles } from "./task-files.jsx";
export { GivenFiles } from "./given-files.jsx";
export { UploadState } from "./upload-state.jsx";
