/** The way back to the doors that this phone has opened; nothing for all others. */
import { gettext, language } from "../i18n.js";
import { doors } from "../store/doors.js";
import { useLive } from "./use-live.js";

export function DoorWay() {
  const opened = useLive(doors, ["doors"]);
  return opened?.length ? <a href={`/${language()}/door`}>{gettext("Doors where you let people in")}</a> : null;
}
