/** What is seldom needed: the room of what is one's own, who shares this phone, storage, no network, repair. */
import { gettext, language } from "../i18n.js";
import { DoorWay } from "./door-way.jsx";
import { PlaceWay } from "./place-way.jsx";
import { Rescue } from "./rescue.jsx";
import { StorageWay } from "./storage-way.jsx";
import { WayRow } from "./way-row.jsx";

export function ThisPhone() {
  return (
    <section class="this-phone" aria-labelledby="this-phone">
      <h2 id="this-phone">{gettext("This phone")}</h2>
      <div class="phone-rows">
        <WayRow href={`/${language()}/account`} title={gettext("Keep what you earned")} hint={gettext("Ways back in, my phones, messages, my data")} />
        <WayRow href={`/${language()}/people`} title={gettext("Who is learning?")} hint={gettext("Share this phone, or use another one too")} />
        <StorageWay />
        <DoorWay />
        <Rescue />
        <PlaceWay />
        <a href={`/${language()}/repair`}>{gettext("Something is broken: repair")}</a>
      </div>
    </section>
  );
}
