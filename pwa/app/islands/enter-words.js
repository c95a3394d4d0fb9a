/** What went wrong on the way to the server, in words one can act on. */
import { gettext } from "../i18n.js";
import { Later, Offline, Rejected } from "../sync/api.js";

/** @param {unknown} error */
export function troubleWords(error) {
  if (error instanceof Later) return gettext("That was a lot at once. Please wait a moment and try again.");
  if (error instanceof Offline) return gettext("This needs a network. Try again when you have one.");
  if (error instanceof Rejected && error.problem.code === "unknown_device") return gettext("This phone has not sent anything yet. Go online, wait until all is sent, and try again.");
  if (error instanceof Rejected && error.problem.detail) return error.problem.detail;
  console.warn(error);
  return gettext("That did not work. Please try again.");
}
