/** The signs of the door, each with a shape of its own: colour alone says nothing to everybody. */

/** @type {Record<string, string>} */
const PATHS = {
  in: "M5 12.5l4.5 4.5L19 7.5",
  again: "M2.5 12.5L7 17l8-9.5M12 16l1 1 8.5-9.5",
  full: "M7 12V6a1.5 1.5 0 0 1 3 0v5m0-6.500a1.500 1.500 0 0 1 3 0V11m0-5a1.500 1.500 0 0 1 3 0v6m0-3a1.500 1.500 0 0 1 3 0v5a7 7 0 0 1-7 7c-3 0-4.500-1-6-3.500L4 14a1.500 1.500 0 0 1 2.600-1.600L7 13",
  old: "M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17zM12 7.500V12l3 2",
  no: "M6 6l12 12M18 6L6 18",
  other: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v5M12 16v.1",
  scan: "M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3M4 12h16",
  list: "M9 6h11M9 12h11M9 18h11M4 6h.1M4 12h.1M4 18h.1",
  code: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2M20 14v6h-6",
  helpers: "M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM3 19a6 6 0 0 1 12 0M18 8v6M15 11h6",
  expected: "M12 4a8 8 0 1 0 .1 0",
  undone: "M9 7H5V3M5.500 7A8 8 0 1 1 4 13",
  sound: "M4 9.500v5h4l5 4v-13l-5 4zM16.500 9a4 4 0 0 1 0 6M19 6.500a8 8 0 0 1 0 11",
  mute: "M4 9.500v5h4l5 4v-13l-5 4zM17 9.500l5 5M22 9.500l-5 5",
};

/** @param {{ name: string, class?: string }} props */
export function DoorSign({ name, class: styled = "door-sign" }) {
  return (
    <svg class={styled} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
