/** Where a badge can be shown elsewhere: LinkedIn's form, a frame, a piece of HTML. */

import { inLanguage } from "../i18n.js";

/**
 * LinkedIn's "add to profile" form, filled in. Fields: name, organizationName, issueYear, issueMonth, expirationYear,
 * expirationMonth, certUrl, certId.
 * @param {AwardRow} award
 */
export function linkedIn(award) {
  const issued = new Date(award.awarded_at);
  const ends = award.valid_until ? new Date(award.valid_until) : null;
  const fields = {
    startTask: "CERTIFICATION_NAME",
    name: inLanguage(award.name),
    organizationName: inLanguage(award.issuer.name),
    issueYear: String(issued.getUTCFullYear()),
    issueMonth: String(issued.getUTCMonth() + 1),
    ...(ends && { expirationYear: String(ends.getUTCFullYear()), expirationMonth: String(ends.getUTCMonth() + 1) }),
    certUrl: award.url,
    certId: award.url.split("/").at(-1) ?? "",
  };
  return `https://www.linkedin.com/profile/add?${new URLSearchParams(fields)}`;
}

/** @param {string} text */
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/**
 * A frame that keeps saying whether the badge still holds. As text to copy; nothing of it is put into a page of ours.
 * @param {AwardRow} award
 */
export function frameOf(award) {
  const start = `<iframe src="${escaped(award.url)}/embed" title="${escaped(inLanguage(award.name))}"`;
  return `${start} width="360" height="200" loading="lazy" referrerpolicy="no-referrer" style="border:0"></iframe>`;
}

/**
 * A picture that leads to the badge's page, for where frames are not allowed.
 * @param {AwardRow} award
 */
export function htmlOf(award) {
  const picture = `<img src="${escaped(new URL(award.image.replace(/svg$/, "png"), award.url).href)}" alt="" width="120" height="120">`;
  return `<a href="${escaped(award.url)}">${picture} ${escaped(inLanguage(award.name))}, ${escaped(inLanguage(award.issuer.name))}</a>`;
}
