"""Text as people type it: cleaned, folded for comparison, and Markdown made safe."""

import re
import unicodedata

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
_TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane * 0x10000 + end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
    + "]"
)


def clean(text: str) -> str:
    """Drop control characters (but tab and newline), non-characters and lone surrogates; normalise to NFC.

    Verifiers' stacks disagree on how to escape them, so they must not reach signed bytes.
    """
    return unicodedata.normalize("NFC", _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def plain(markdown: str) -> str:
    """Write Markdown as lines of plain text; points of lists keep a dot."""
    lines, inside = [], 0
    for token in _markdown.parse(clean(markdown)):
        inside += {"list_item_open": 1, "list_item_close": -1}.get(token.type, 0)
        if token.type == "inline":
            parts = (child.content or " " * child.type.endswith("break") for child in token.children or [])
            lines.append(("• " if inside else "") + "".join(parts))
        elif token.type in ("fence", "code_block"):
            lines.append(token.content.rstrip("\n"))
    return "\n".join(lines)


def fold(text: str) -> str:
    """Reduce to what counts when two answers are compared: no marks, no case, no punctuation.

    The same rule stands in `pwa/app/actions/solutions.js`; `sync/vectors/answers.json` holds both to it.
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) != "Mn")
    bare = bare.casefold().replace("ı", "i")
    bare = "".join(c for c in unicodedata.normalize("NFKD", bare) if unicodedata.category(c) != "Mn")
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())


def markdown(text: str) -> Markup:
    """Render Markdown to HTML that cannot run anything: no raw HTML in, a short list of tags out."""
    html = _markdown.render(clean(text))
    return Markup(  # noqa: S704 - cleaned by nh3 on the line below
        nh3.clean(html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"https", "http", "mailto"})
    )


def harmless(cell: object) -> object:
    """Keep a spreadsheet from taking a text for a formula: what begins like one gets an apostrophe before it."""
    if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{cell}"
    return cell
