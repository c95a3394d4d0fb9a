/** One session's door: how many are in, and below it scanning, the list, the code on the screen, and helpers. */
import "@preact/signals";
import { Fragment } from "preact";
import { useState } from "preact/hooks";
import { isLoud, lookAtDoor, opensAt, shutBy } from "../actions/door.js";
import { gettext, ngettext } from "../i18n.js";
import { online } from "../sync/status.js";
import { DoorAlarms } from "./door-alarms.jsx";
import { DoorCode } from "./door-code.jsx";
import { DoorHelpers } from "./door-helpers.jsx";
import { DoorSign } from "./door-icons.jsx";
import { DoorList } from "./door-list.jsx";
import { DoorScan } from "./door-scan.jsx";
import { cityTimeOf, whenOf } from "./door-words.js";
import { Notice } from "./notice.jsx";
import { useLive } from "./use-live.js";

/** @typedef {"scan" | "list" | "code" | "helpers"} Tab */
/** @typedef {NonNullable<Awaited<ReturnType<typeof lookAtDoor>>>} Seen */

/** @param {{ occurrence: string, onLeave: () => void }} props */
export function DoorRoom({ occurrence, onLeave }) {
  const seen = useLive(() => lookAtDoor(occurrence), ["doors", "outbox", "device", "settings"], [occurrence]);
  const loud = useLive(isLoud, ["settings"]) ?? true;
  const [tab, setTab] = useState(/** @type {Tab} */ ("scan"));
  if (!seen) return null;
  const why = shutBy(seen.door);
  const shut = why !== null;
  return (
    <div class="door-room" data-tab={tab}>
      <Head seen={seen} onLeave={onLeave} />
      {why && <Shut why={why} opens={opensAt(seen.door.reply)} />}
      {(shut || tab !== "code") && <DoorAlarms reply={seen.door.reply} />}
      {!shut && tab === "scan" && <DoorScan {...seen} loud={loud} onGuest={() => setTab("list")} />}
      {(shut || tab === "list") && <DoorList {...seen} shut={shut} />}
      {!shut && tab === "helpers" && <DoorHelpers door={seen.door} />}
      {!shut && tab === "code" && <DoorCode door={seen.door} count={seen.view.count} onClose={() => setTab("scan")} />}
      {!shut && <Tabs tab={tab} onTab={setTab} helpers={seen.door.reply.role === "organiser"} />}
    </div>
  );
}

/** @param {{ why: NonNullable<ReturnType<typeof shutBy>>, opens: number }} props */
function Shut({ why, opens }) {
  if (why === "early")
    return (
      <Notice sign="clock" title={gettext("Not yet")}>
        <p>{gettext("From %(time)s on people can be let in here, with or without a network.", { time: cityTimeOf(opens) })}</p>
      </Notice>
    );
  if (why === "suspended")
    return (
      <Notice tone="warn" title={gettext("This organiser is suspended")}>
        <p>{gettext("The city has closed its doors. They open by themselves when it is brought back. What was done before still counts and is sent.")}</p>
      </Notice>
    );
  return (
    <Notice tone="warn" title={why === "over" ? gettext("This door is closed") : gettext("This session was cancelled")}>
      {why === "over" && <p>{gettext("Its link has ended or was withdrawn. What was done before still counts and is sent.")}</p>}
    </Notice>
  );
}

/** @param {{ seen: Seen, onLeave: () => void }} props */
function Head({ seen: { door, view }, onLeave }) {
  const { occurrence } = door.reply;
  return (
    <header class="door-head">
      <div class="door-title">
        <h2>
          <bdi>{occurrence.title}</bdi>
        </h2>
        <p class="muted">{whenOf(occurrence)}</p>
        <button type="button" class="door-leave" onClick={onLeave}>
          {gettext("All doors")}
        </button>
      </div>
      <p class="door-count" data-full={view.full}>
        <strong>{view.count}</strong>{" "}
        <span>{view.capacity === null ? gettext("in") : gettext("of %(capacity)s", { capacity: view.capacity })}</span>
      </p>
      <p class="door-facts">
        {factsOf(view).map((fact, place) => (
          <Fragment key={fact}>
            {place > 0 && " · "}
            <bdi>{fact}</bdi>
          </Fragment>
        ))}
      </p>
    </header>
  );
}

/**
 * @param {import("../actions/door-view.js").View} view
 * @returns {string[]}
 */
function factsOf({ expected, over, refused, unsent }) {
  return [
    online.value === false && gettext("Offline: all is kept here"),
    expected > 0 && ngettext("%(num)s expected", "%(num)s expected", expected),
    over > 0 && ngettext("%(num)s to be reviewed", "%(num)s to be reviewed", over),
    refused > 0 && ngettext("%(num)s not counted", "%(num)s not counted", refused),
    unsent > 0 && ngettext("%(num)s not sent yet", "%(num)s not sent yet", unsent),
  ].flatMap((fact) => fact || []);
}

/** @param {{ tab: Tab, onTab: (tab: Tab) => void, helpers: boolean }} props */
function Tabs({ tab, onTab, helpers }) {
  /** @type {[Tab, string][]} */
  const all = [
    ["scan", gettext("Scan")],
    ["list", gettext("List")],
    ["code", gettext("Show code")],
    ...(helpers ? /** @type {[Tab, string][]} */ ([["helpers", gettext("Helpers")]]) : []),
  ];
  return (
    <nav class="door-tabs" aria-label={gettext("Door")}>
      {all.map(([name, words]) => (
        <button key={name} type="button" aria-current={tab === name ? "page" : undefined} onClick={() => onTab(name)}>
          <DoorSign name={name} />
          {words}
        </button>
      ))}
    </nav>
  );
}
