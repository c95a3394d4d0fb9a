/** What the app has to say about itself, at the foot of the page: ready with no network, or a new version. */
import "@preact/signals";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { leaveUpdate, readyOffline, takeUpdate, updateReady } from "../actions/app-worker.js";
import { gettext } from "../i18n.js";

const SHOWN_MS = 6000;

/** Wait for something to say, on whatever page the learner is. */
export function start() {
  const element = document.createElement("div");
  element.className = "app-notice";
  element.setAttribute("role", "status");
  document.body.append(element);
  render(<AppNotice />, element);
}

function AppNotice() {
  const ready = readyOffline.value;
  useEffect(() => {
    if (!ready) return;
    const timer = setTimeout(() => {
      readyOffline.value = false;
    }, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [ready]);

  if (updateReady.value)
    return (
      <p class="app-notice-words">
        {gettext("A new version is ready.")}
        <button type="button" onClick={takeUpdate}>
          {gettext("Use it now")}
        </button>
        <button type="button" onClick={leaveUpdate}>
          {gettext("Later")}
        </button>
      </p>
    );
  return ready ? <p class="app-notice-words">{gettext("This app now opens with no network.")}</p> : null;
}
