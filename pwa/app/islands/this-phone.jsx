/** What is seldom needed, and concerns the phone more than the learning: storage, other phones, no network, repair. */
import { gettext, language } from "../i18n.js";
import { DoorWay } from "./door-way.jsx";
import { PlaceWay } from "./place-way.jsx";
import { Rescue } from "./rescue.jsx";
import { StorageWay } from "./storage-way.jsx";

export function ThisPhone() {
  return (
    <section class="this-phone" aria-labelledby="this-phone">
      <h2 id="this-phone">{gettext("This phone")}</h2>
      <div class="phone-rows">
        <StorageWay />
        <DoorWay />
        <a href={`/${language()}/people`}>{gettext("Use another phone too, or share this one")}</a>
        <a href={`/${language()}/my-data`}>{gettext("My data: what is stored, a copy, erase")}</a>
        <Rescue />
        <PlaceWay />
        <a href={`/${language()}/repair`}>{gettext("Something is broken: repair")}</a>
      </div>
    </section>
  );
}
