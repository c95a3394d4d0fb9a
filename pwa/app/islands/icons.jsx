/** The few drawn signs of the islands. They decorate: the words beside them say the same. */

/** @param {{ path: string, class?: string }} props */
function Icon({ path, class: name }) {
  return (
    <svg
      class={name}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={path} />
    </svg>
  );
}

/** @type {Record<string, string>} */
const PATHS = {
  check: "M5 12.5l4.5 4.5L19 7.5",
  pin: "M12 21s7-6.2 7-11.5a7 7 0 1 0-14 0C5 14.8 12 21 12 21zM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  device:
    "M8 3h8a1.5 1.5 0 0 1 1.5 1.5v15A1.5 1.5 0 0 1 16 21H8a1.5 1.5 0 0 1-1.5-1.5v-15A1.5 1.5 0 0 1 8 3zM11 18h2",
  up: "M12 19V6M6.5 11.5L12 6l5.5 5.5",
  warn: "M12 4l9 16H3zM12 10v4.5M12 17.4v.1",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.5V12l3 2",
  cross: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM9 9l6 6M15 9l-6 6",
  down: "M12 4v12M6.5 10.5L12 16l5.5-5.5M5 20h14",
  share: "M12 15V4M7.5 8L12 3.5 16.5 8M6 12v7.5h12V12",
  code: "M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3M8 8h3v3H8zM13 8h3v3h-3zM8 13h3v3H8zM13 13h1.5v1.5M16 16v-1.5",
};

/** @param {{ name: keyof typeof PATHS, class?: string }} props */
export function Sign({ name, class: styled }) {
  return <Icon path={PATHS[name]} class={styled} />;
}
