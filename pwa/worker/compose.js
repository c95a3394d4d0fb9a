/** Puts a kept part of a page into the layout: string work, because a worker has no DOM. */

const TITLE = /<title>[\s\S]*?<\/title>/;
const MAIN = /<main id="main"[\s\S]*<\/main>/;
const NAV_LINK = /<a class="nav-[a-z]+" href="([^"]+)"/g;
const CODE_PATH = /^\/s\//i;
const SHELL_PATH = /\/([a-z]{2,3}(?:-[A-Za-z]+)?)\/shell(?=["'?#])/g;

/** Did a code lead here? Its QR has the path in capitals. @param {string} path */
export const isCodePath = (path) => CODE_PATH.test(path);

/**
 * Cut title and main out of a whole page, or out of a part, which is nothing else.
 * @param {string} html
 * @returns {string | null}
 */
export function partOf(html) {
  const [title, main] = [TITLE.exec(html)?.[0], MAIN.exec(html)?.[0]];
  return title && main ? title + main : null;
}

/**
 * @param {string} layout the page `/{lang}/shell`
 * @param {string} part
 * @param {string} path where the page stands, such as /nl/scan; the layout's links to itself in other languages follow it
 * @returns {string}
 */
export function compose(layout, part, path) {
  const title = TITLE.exec(part)?.[0] ?? "";
  const main = MAIN.exec(part)?.[0] ?? "";
  const rest = path.replace(/^\/[^/]+/, "");
  // Functions, because a "$" in a replacement string means something.
  return layout
    .replace(SHELL_PATH, (_, lang) => (isCodePath(path) ? path : `/${lang}${rest}`))
    .replace(NAV_LINK, (link, href) => (href === path ? `${link} aria-current="page"` : link))
    .replace(TITLE, () => title)
    .replace(MAIN, () => main);
}

/**
 * A part that also takes a check-in, first of all that is on it: also where the stop is not here, one has been there.
 * @param {string} part
 */
export function withArrival(part) {
  return part.replace(/<main id="main"[^>]*>/, (main) => `${main}<div data-island="arrival"></div>`);
}
