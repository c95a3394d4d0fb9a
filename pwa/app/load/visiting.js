/** What a visit has in common with the pages of somebody who has begun: one file, see ground.js. */
import "./drawing.js";
import "../actions/can-record.js";
import "../actions/invitations.js";
import "../actions/known.js";
import "../actions/scan.js";
import "../islands/ask.jsx";
import "../islands/date-words.js";
import "../islands/file-way.jsx";
import "../islands/icons.jsx";
import "../islands/item-state.jsx";
import "../islands/notice.jsx";
import "../islands/of-turn.jsx";
import "../islands/use-live.js";
import "../islands/use-part.js";
import "../store/flags.js";
import "../store/progress.js";
