"""Paper whose parts are tagged, so that a screen reader reads it in order: headings, paragraphs, pictures, codes.

fpdf2 tags pictures only; the rest is done here with its own structure tree. It is flat (no lists, no tables),
and links are not in it. What only decorates is marked as such and left out (ISO 32000-1, 14.8.2.2).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO

from fpdf.enums import Align

from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.paper import Box, Fitted, Paper
from server.core.qr import Qr

A4, A6 = (210.0, 297.0), (105.0, 148.0)


class LettersMissing(DomainError):
    """A text has letters that none of our fonts has: they would be printed as empty boxes."""

    status, code = 422, "letters_missing"

    def explain(self) -> str:
        return gettext(
            "These letters cannot be printed here: %(letters)s. Print from your phone: it knows them.",
            letters=self.details.get("letters", ""),
        )


class TaggedPaper(Paper):
    """All that is drawn on it is either tagged or decoration."""

    def __init__(self, size: tuple[float, float], *, title: str, author: str, lang: str) -> None:
        super().__init__(size, title=title, author=author, lang=lang)
        self.set_compression(True)

    @contextmanager
    def tag(self, kind: str, alt: str | None = None) -> Iterator[None]:
        """Tag what is drawn inside as `H1`, `H2`, `P` or `Figure`; the order of calls is the order of reading."""
        number = self.struct_builder.next_mcid_for_page(self.page)
        self._add_marked_content(struct_type=f"/{kind}", mcid=number, alt_text=alt)
        self._out(f"/{kind} <</MCID {number}>> BDC")
        yield
        self._out("EMC")

    @contextmanager
    def decoration(self) -> Iterator[None]:
        self._out("/Artifact BMC")
        yield
        self._out("EMC")

    def say(self, kind: str, fitted: Fitted, box: Box, align: Align = Align.L) -> float:
        """Write words with their tag. Returns how high they are; nothing is written, and 0 returned, for no words."""
        if not fitted.text:
            return 0.0
        with self.tag(kind):
            return self.put(fitted, box, align)

    def say_all(
        self, many: Sequence[tuple[str, Fitted]], box: Box, align: Align = Align.L, gap: float = 0
    ) -> float:
        """Write tagged words below each other. Returns how high they are together."""
        y = box.y
        for kind, fitted in many:
            high = self.say(kind, fitted, Box(box.x, y, box.w, fitted.h), align)
            y += high + gap if high else 0
        return y - box.y

    def show(self, png: bytes, box: Box, alt: str) -> None:
        """Draw a picture with the words for those who do not see it."""
        with self.tag("Figure", alt):
            self.image(BytesIO(png), box.x, box.y, box.w, box.h)

    def show_code(self, qr: Qr, box: Box, alt: str, address: str = "") -> None:
        """Draw a code, which leads to its address on a screen too."""
        with self.tag("Figure", alt):
            self.put_qr(qr, box)
        if address:
            self.link(box.x, box.y, box.w, box.h, address)

    def refuse_missing(self, *texts: str) -> None:
        """Raise LettersMissing when a text cannot be printed."""
        if missing := self.unprintable("".join(texts)):
            raise LettersMissing(letters="".join(sorted(missing))[:40])
