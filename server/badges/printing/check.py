"""The self-test of a print: every page is rendered as a poor printer would, and every code read back."""

from collections.abc import Sequence

from server.badges.printing.tagged import TaggedPaper
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.read_back import read_page

DOTS = 200


class CodeUnreadable(DomainError):
    """A code on a print could not be read; nobody should hand it out."""

    status, code = 500, "print_unreadable"

    def explain(self) -> str:
        return gettext("A code on this paper could not be read, so it was not made.")


def checked(paper: TaggedPaper, codes: Sequence[str]) -> bytes:
    """Write the file, once exactly these codes were read on it. Raises CodeUnreadable."""
    pdf = bytes(paper.output())
    if sorted(read_all(pdf)) != sorted(codes):
        raise CodeUnreadable()
    return pdf


def read_all(pdf: bytes) -> list[str]:
    """Read the codes of all pages."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        return [text for number in range(len(document)) for text in read_page(document[number], DOTS)]
    finally:
        document.close()
