/** Shows a badge while it is being designed: the picture follows the form, and colours that hide something are named. */

const PATIENCE_MS = 150;
const PAPER = "#fffaf0";
const NIGHT = "#07131a";

/**
 * @param {HTMLElement} element holds the picture, inside the form
 * @param {{ url: string }} props where the picture is drawn
 */
export function start(element, { url }) {
  const form = element.closest("form");
  const picture = element.querySelector("img");
  if (!form || !picture) return;
  let timer = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => show(form, element, picture, url), PATIENCE_MS);
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement} element
 * @param {HTMLImageElement} picture
 * @param {string} url
 */
function show(form, element, picture, url) {
  const typed = new FormData(form);
  /** @param {string} name */
  const value = (name) => String(typed.get(name) ?? "");
  const looks = { shape: value("shape"), icon: value("icon"), field: value("field"), accent: value("accent"), text: value(`text-${value("tab")}`) };
  const wanted = `${url}?${new URLSearchParams(looks)}`;
  if (picture.getAttribute("src") !== wanted) picture.src = wanted;
  const hidden = hardToSee(looks);
  for (const warning of /** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll("[data-hides]"))) {
    warning.hidden = !hidden.includes(warning.dataset.hides ?? "");
  }
}

/**
 * The same rule as `drawing.hard_to_see`.
 * @param {{ field: string, accent: string, text: string }} looks
 * @returns {string[]}
 */
export function hardToSee({ field, accent, text }) {
  const deep = rgb(field).map((one, i) => one + (rgb(NIGHT)[i] - one) * 0.42);
  const found = [];
  if (contrast(rgb(PAPER), rgb(field)) < 3) found.push("sign");
  if (contrast(rgb(accent), rgb(field)) < 1.8) found.push("accent");
  if (text.trim() && contrast(deep, rgb(accent)) < 4.5) found.push("ribbon");
  return found;
}

/** @param {string} colour */
const rgb = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

/**
 * @param {number[]} one
 * @param {number[]} other
 */
function contrast(one, other) {
  const [dark, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}

/** @param {number[]} colour */
function luminance(colour) {
  const [red, green, blue] = colour.map((one) => (one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
