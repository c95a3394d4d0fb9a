/** What was done for a badge, in paragraphs and points. */

/**
 * Organisers write criteria as paragraphs and "- " lists; more of Markdown is for the badge's page.
 * @param {{text: string}} props
 */
export function Criteria({ text }) {
  const lines = text.split("\n").filter((line) => line.trim());
  return (
    <>
      {lines.map((line, index) => {
        const point = /^[-*] (.*)/.exec(line)?.[1];
        return (
          <p key={index} class={point && "badge-point"}>
            {point ?? line}
          </p>
        );
      })}
    </>
  );
}
