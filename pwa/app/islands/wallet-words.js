/** What went wrong between this phone and a wallet, in words one can act on. */
import { NobodyHere } from "../actions/wallets.js";
import { gettext } from "../i18n.js";

/** @param {unknown} error */
export function troubleWords(error) {
  const { problem, name } = /** @type {any} */ (error);
  if (error instanceof NobodyHere) return gettext("Nobody's badges are open on this phone. Use the phone that holds your badges, or say first who you are.");
  if (problem?.code === "unknown_device") return gettext("This phone has not sent anything yet. Go online, wait until all is sent, and try again.");
  if (problem?.detail) return problem.detail;
  return name ? gettext("The server was not reached. Check your network and try again.") : String(error);
}
