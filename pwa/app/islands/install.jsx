/** Says once, at the right moment, that the app can stand on the home screen. A "no" is for ever. */
import "@preact/signals";
import { render } from "preact";
import { dismissInstall, install, installWay, watchInstall } from "../actions/install.js";
import { gettext } from "../i18n.js";
import { Sign } from "./icons.jsx";

/** @param {HTMLElement} element */
export function start(element) {
  void watchInstall();
  render(<InstallHint />, element);
}

function InstallHint() {
  const way = installWay.value;
  if (!way) return null;
  return (
    <aside class="install" aria-label={gettext("Home screen")}>
      <Sign name="device" class="install-mark" />
      <div>
        <p class="install-title">{gettext("Keep it at hand")}</p>
        <p>
          {way === "ios"
            ? gettext("Tap Share, then “Add to Home Screen”. It opens with no network, and what you saved stays longer.")
            : gettext("Put it on your home screen. It opens with no network, like an app, and takes almost no room.")}
        </p>
        <p class="install-ways">
          {way === "prompt" && (
            <button type="button" class="button button-small" onClick={() => void install()}>
              {gettext("Install")}
            </button>
          )}
          <button type="button" class="button button-quiet button-small" onClick={() => void dismissInstall()}>
            {gettext("No, thank you")}
          </button>
        </p>
      </div>
    </aside>
  );
}
