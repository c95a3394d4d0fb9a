/** A row that leads to a room, and says what is in there. */

/** @param {{href: string, title: string, hint: string}} props */
export function WayRow({ href, title, hint }) {
  return (
    <a href={href}>
      <span>
        {title}
        <span class="phone-hint">{hint}</span>
      </span>
    </a>
  );
}
