"""Long lists, page by page."""

from flask import request

MOST = 100_000
"""No list has so many pages, and no database so large a number."""


def page_number() -> int:
    """Read which page this request asks for, from 1; what is no number is the first."""
    return min(max(1, request.args.get("page", 1, int)), MOST)
