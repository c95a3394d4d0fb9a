/** The pictures by which people know themselves on a shared device: each told apart by its shape, not only its colour. */
import { gettext } from "../i18n.js";

/** @param {number} x @param {number} y @param {number} r */
const dot = (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;

const INK = "#16262f";
const WHITE = "#fffdf8";

/** Parts are drawn in order on a ground of 64 × 64; a third value makes a line of that width. @type {Record<string, {ground: string, parts: [string, string, number?][]}>} */
const PICTURES = {
  fox: {
    ground: "#cfe8dc",
    parts: [
      ["#d9652b", "M9 11l15 9h16l15-9-3 24q-5 16-20 21q-15-5-20-21z"],
      [WHITE, "M12 35q12-2 20 21q8-23 20-21q-5 16-20 21q-15-5-20-21z"],
      [INK, `${dot(23, 31, 3)}${dot(41, 31, 3)}M28 49h8l-4 6z`],
    ],
  },
  owl: {
    ground: "#f7d98a",
    parts: [
      ["#6b4a34", "M13 9l11 7h16l11-7v29a19 19 0 0 1-38 0z"],
      [WHITE, `${dot(23, 27, 9)}${dot(41, 27, 9)}`],
      [INK, `${dot(23, 27, 4)}${dot(41, 27, 4)}`],
      ["#f4b93f", "M28 33h8l-4 8z"],
      ["#d8b48f", "M25 47l3-4 4 4 4-4 3 4", 2.5],
    ],
  },
  cat: {
    ground: "#f3c9bd",
    parts: [
      ["#3d4a55", "M14 8l11 11h14L50 8v27a18 18 0 0 1-36 0z"],
      ["#b7e08a", `${dot(24, 31, 4)}${dot(40, 31, 4)}`],
      [INK, "M24 27v8M40 27v8", 2],
      ["#f3a6a0", "M29 38h6l-3 4z"],
      [WHITE, "M5 37l14 3M5 45l14-2M59 37l-14 3M59 45l-14-2", 1.8],
    ],
  },
  snail: {
    ground: "#d5e3f5",
    parts: [
      ["#c79a5b", "M6 54h46q7 0 7-8V32h-6v10q0 4-5 4H22q-12 0-16 8z"],
      ["#8a4b2d", dot(29, 32, 18)],
      ["#f0c98d", "M29 33a4 4 0 1 1 4-4q0 9-9 9t-9-10 12-11 15 13", 3],
      ["#c79a5b", "M54 33l-3-11M58 33l3-11", 2.5],
      [INK, `${dot(51, 21, 2.5)}${dot(61, 21, 2.5)}`],
    ],
  },
  fish: {
    ground: "#f6e3b4",
    parts: [
      ["#2a7f98", "M6 32q14-20 34-10l16-10q-5 20 0 40L40 42q-20 10-34-10z"],
      ["#93d2e3", "M28 23q6 9 0 18M36 24q5 8 0 16", 3],
      [WHITE, dot(18, 29, 4.5)],
      [INK, dot(17, 29, 2.2)],
    ],
  },
  turtle: {
    ground: "#fbe0cf",
    parts: [
      ["#7fb069", "M14 42h10v12h-8zM38 42h10l-2 12h-8zM46 34q4-14 12-8 5 5-2 14l-10 4z"],
      ["#3f6f43", "M6 44q2-28 23-28t23 28z"],
      ["#a8d08d", "M29 17v26M18 22l4 21M40 22l-4 21M9 34h40", 2.2],
      [INK, dot(56, 31, 1.8)],
    ],
  },
  butterfly: {
    ground: "#d8efe6",
    parts: [
      ["#8f4fa8", "M31 32Q14 6 6 14q-5 14 14 20Q6 40 12 50q8 7 19-16zM33 32Q50 6 58 14q5 14-14 20 14 6 8 16-8 7-19-16z"],
      ["#f4b93f", `${dot(15, 20, 4)}${dot(49, 20, 4)}${dot(18, 45, 3)}${dot(46, 45, 3)}`],
      [INK, "M32 22v28", 4.5],
      [INK, "M32 22q-3-9-8-11M32 22q3-9 8-11", 1.8],
    ],
  },
  boat: {
    ground: "#cfe6f2",
    parts: [
      ["#a5301d", "M8 42h48q-4 14-12 14H20Q12 56 8 42z"],
      [INK, "M31 8v34", 3],
      [WHITE, "M34 9q18 12 20 29H34z"],
      ["#f4b93f", "M28 15Q14 26 12 38h16z"],
    ],
  },
  bicycle: {
    ground: "#fbe7a9",
    parts: [
      [INK, `${dot(16, 42, 11)}${dot(48, 42, 11)}`, 3.5],
      ["#c0392b", "M16 42l9-18h18l-13 18H16M25 24l5 18M43 24l5 18M43 24l-2-8h7", 3.5],
      [INK, "M20 21h10", 4.5],
    ],
  },
  rocket: {
    ground: "#dcd6ee",
    parts: [
      ["#f4b93f", "M25 46h14l-7 15z"],
      ["#a5301d", "M21 30L10 47l11 1zM43 30l11 17-11 1z"],
      [WHITE, "M32 3q13 14 12 30l-3 14H23l-3-14Q19 17 32 3z"],
      ["#2a7f98", dot(32, 25, 6)],
      ["#a5301d", "M32 3q7 7 10 15H22Q25 10 32 3z"],
    ],
  },
  kite: {
    ground: "#cdeaf3",
    parts: [
      ["#d9652b", "M38 4l18 20-26 20L20 20z"],
      ["#f4b93f", "M38 4L20 20l36 4z"],
      [INK, "M30 44q-12 2-8 9t-14 7", 2.2],
      ["#8f4fa8", "M18 48l9 6-1-9zM9 54l8 7 1-9z"],
    ],
  },
  umbrella: {
    ground: "#e5ecd0",
    parts: [
      [INK, "M32 30v22q0 6 6 6t6-6", 3.5],
      ["#1d6a78", "M5 34Q8 9 32 9t27 25q-7-6-13 0-7-6-14 0-7-6-14 0-6-6-13 0z"],
      ["#93d2e3", "M32 9q-12 8-14 25 7-6 14 0 7-6 14 0Q44 17 32 9z"],
      [INK, "M32 4v6", 3],
    ],
  },
  lighthouse: {
    ground: "#cfdcf2",
    parts: [
      ["#f4b93f", "M30 18L2 9v18zM34 18l28-9v18z"],
      [WHITE, "M24 24h16l5 34H19z"],
      ["#c0392b", "M22.800 32h18.400l1.200 8H21.600zM20.400 48h23.200l1.200 8H19.200zM22 12L32 3l10 9z"],
      [INK, "M24 12h16v12H24z"],
      ["#f4e08a", "M28 14h8v8h-8z"],
    ],
  },
  mushroom: {
    ground: "#d4e8cf",
    parts: [
      ["#f2e4cb", "M24 34h16l4 20q-12 6-24 0z"],
      ["#c0392b", "M4 38Q6 10 32 10t28 28q-28 8-56 0z"],
      [WHITE, `${dot(20, 26, 5)}${dot(38, 19, 4.5)}${dot(46, 32, 4)}${dot(30, 34, 3)}`],
    ],
  },
  cactus: {
    ground: "#fde3c0",
    parts: [
      ["#3f7d4e", "M32 12v36M32 36H18q-4 0-4-4v-8M32 30h14q4 0 4-4v-8", 10],
      ["#bfe3a8", "M32 12v30M14 25v6M50 19v6", 1.8],
      ["#d97a9b", dot(32, 8, 4)],
      ["#a65a2e", "M18 46h28l-4 14H22z"],
    ],
  },
  star: {
    ground: "#c9d8ec",
    parts: [
      ["#f4b93f", "M32 4l8.500 18 19.500 2.500L45.500 38l4 20L32 48 14.500 58l4-20L4 24.500 23.500 22z"],
      [INK, `${dot(26, 30, 2.500)}${dot(38, 30, 2.500)}`],
      [INK, "M26 37q6 6 12 0", 2.5],
    ],
  },
};

export const PICTURE_NAMES = Object.keys(PICTURES);

/** @param {string} name @returns {string} what it shows */
export function pictureWords(name) {
  switch (name) {
    case "fox":
      return gettext("Fox");
    case "owl":
      return gettext("Owl");
    case "cat":
      return gettext("Cat");
    case "snail":
      return gettext("Snail");
    case "fish":
      return gettext("Fish");
    case "turtle":
      return gettext("Turtle");
    case "butterfly":
      return gettext("Butterfly");
    case "boat":
      return gettext("Boat");
    case "bicycle":
      return gettext("Bicycle");
    case "rocket":
      return gettext("Rocket");
    case "kite":
      return gettext("Kite");
    case "umbrella":
      return gettext("Umbrella");
    case "lighthouse":
      return gettext("Lighthouse");
    case "mushroom":
      return gettext("Mushroom");
    case "cactus":
      return gettext("Cactus");
    default:
      return gettext("Star");
  }
}

/** Decorates: the name beside it says who it is. @param {{ name: string, class?: string }} props */
export function PersonPicture({ name, class: styled = "" }) {
  const { ground, parts } = PICTURES[name] ?? NOBODY;
  return (
    <svg class={`person-picture ${styled}`} viewBox="0 0 80 80" aria-hidden="true" focusable="false">
      <circle cx="40" cy="40" r="40" fill={ground} />
      <g transform="translate(11 11) scale(.906)">
        {parts.map(([colour, d, width]) =>
          width ? (
            <path key={d} d={d} fill="none" stroke={colour} stroke-width={width} stroke-linecap="round" stroke-linejoin="round" />
          ) : (
            <path key={d} d={d} fill={colour} />
          ),
        )}
      </g>
    </svg>
  );
}

/** Somebody without a picture yet. @type {typeof PICTURES[string]} */
const NOBODY = {
  ground: "#e3d9c5",
  parts: [["#50606a", `${dot(32, 22, 11)}M10 58q2-22 22-22t22 22z`]],
};
