"""Turns the body of an event of an older version into the newest. What is stored and signed never changes.

A type whose body changes gets a function here, from the version before to the one after. They read what any
device may have sent, so they neither check nor fail: what was malformed stays so, for the effect to refuse.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sync.messages import Event

Body = Mapping[str, Any]


def _name_files(body: Body) -> Body:
    """`evidence.submit` 1 had one file or none, in `blob`; 2 has a list, `files`."""
    blob = body.get("blob")
    rest = {name: value for name, value in body.items() if name != "blob"}
    return {**rest, "files": [] if blob is None or blob == "" else [blob]}


UPCASTS: Mapping[tuple[str, int], Callable[[Body], Body]] = {("evidence.submit", 1): _name_files}
"""By type and version: what makes the next version of such a body."""


def newest(type: str) -> int:
    """Return the newest version of a type's body that is understood here."""
    return max((tv + 1 for one, tv in UPCASTS if one == type), default=1)


def upcast(event: Event) -> Event:
    """Return the event with its body in the newest version; `signed` still holds the bytes it came as."""
    while (event.type, event.tv) in UPCASTS:
        event = replace(event, tv=event.tv + 1, body=UPCASTS[event.type, event.tv](event.body))
    return event
