/**
 * What every page works on: store, sync and words. Whoever is brought later imports this as a whole, so the bundler
 * sees that it always comes together and makes one file of it: each more would cost a first visit half a kilobyte.
 */
import "../actions/app-worker.js";
import "../actions/record.js";
import "../actions/reserve.js";
import "../actions/whose-turn.js";
import "../i18n.js";
import "../store/ballast.js";
import "../store/blobs.js";
import "../store/carried.js";
import "../store/clock.js";
import "../store/db.js";
import "../store/device.js";
import "../store/drafts.js";
import "../store/feed.js";
import "../store/flags.js";
import "../store/ids.js";
import "../store/live.js";
import "../store/outbox.js";
import "../store/settings.js";
import "../sync/api.js";
import "../sync/bytes.js";
import "../sync/events.js";
import "../sync/keys.js";
import "../sync/status.js";
import "../sync/triggers.js";
