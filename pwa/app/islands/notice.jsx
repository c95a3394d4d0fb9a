/** A few words that stand out, with a sign and ways on. */
import { Sign } from "./icons.jsx";

/**
 * @param {{
 *   tone?: "ok" | "warn" | "bad",
 *   sign?: string,
 *   title?: string,
 *   children?: import("preact").ComponentChildren,
 *   ways?: import("preact").ComponentChildren,
 * }} props
 */
export function Notice({ tone, sign = "warn", title, children, ways }) {
  return (
    <div class={tone ? `notice tone-${tone}` : "notice"}>
      <Sign name={sign} class="notice-mark" />
      {title && <p class="notice-title">{title}</p>}
      {children}
      {ways && <div class="notice-ways">{ways}</div>}
    </div>
  );
}
