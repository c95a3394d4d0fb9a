/** What a learner does when a check-in was taken back: say what happened, or put the news away. */

import { changeOwnSetting } from "../store/settings.js";
import { record } from "./record.js";

/**
 * @param {string} event the check-in's
 * @param {string} text
 */
export const appeal = (event, text) => record("checkin.appeal", { event, text });

/** @param {import("../store/flags.js").Flag} flag */
export const putFlagAway = ({ event, row }) => changeOwnSetting("flags_seen", (seen = {}) => ({ ...seen, [event]: row.state }));
