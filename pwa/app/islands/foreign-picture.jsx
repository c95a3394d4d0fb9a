/** The picture of a badge from elsewhere: its own, or a plain sign that no organiser here uses. */

/** @param {{badge: ImportedRow, size: number}} props */
export function ForeignPicture({ badge: { image }, size }) {
  if (image) return <img class="foreign-picture" src={image} alt="" width={size} height={size} />;
  return (
    <svg class="foreign-picture" viewBox="0 0 120 120" width={size} height={size} aria-hidden="true" focusable="false">
      <circle cx="60" cy="60" r="50" />
      <path d="M60 34v38m-17-17 17 17 17-17M40 86h40" />
    </svg>
  );
}
