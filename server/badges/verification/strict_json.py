"""Reads JSON from anybody, within limits: two readers of the same bytes must never see two badges."""

import json
from typing import Any

from server.badges.canonical import Document

DEPTH = 64


def parse(text: str | bytes) -> Document:
    """Read a JSON object. Raises ValueError for anything that readers could read in two ways."""
    try:
        document = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse, parse_float=_number)
        json.dumps(document, ensure_ascii=False).encode()  # half a character can be neither signed nor shown
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not isinstance(document, dict) or _is_deeper(document, DEPTH):
        raise ValueError("no object, or too deep")
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that comes twice: readers differ on which one counts."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name comes twice")
    return found


def _refuse(_constant: str) -> None:
    raise ValueError("not a JSON number")


def _number(text: str) -> float | int:
    """Read 1.0 as 1: JSON has one kind of number, and canonical forms follow JavaScript."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 1e21 else value


def _is_deeper(value: Any, depth: int) -> bool:
    """Walk level by level; a file may have half a million values, so each is touched once and cheaply."""
    level = [value]
    for _ in range(depth):
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                below += one.values()
            elif isinstance(one, list):
                below += one
        if not below:
            return False
        level = below
    return True
