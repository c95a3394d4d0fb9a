"""Who an address is for: each view declares it, and the start refuses one that does not.

```python
@routes.get("/desk/<organiser>/badges")
@needs(EDITOR)
def badge_list(organiser: str) -> Response: …
```

A declaration of staff is kept by `organisers.services.may()` and `cities.team.may()`, which read it. The others say
what the view itself asks for, and `tests/roles/` tries each address as each of them.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
"""Anybody, and the same for everybody."""
LINK = "link"
"""Whoever has a secret that the address or the body carries."""
DEVICE = "device"
"""A learner's device, by its signature over the request."""
WALLET = "wallet"
"""A program that a learner let read, by its token."""
OPERATOR = "operator"
"""Whoever holds a token of the instance folder."""
STAFF = "staff"
"""Whoever is signed in; they see what is theirs."""
HELPER, REVIEWER, EDITOR, OWNER = "helper", "reviewer", "editor", "owner"
"""A role in the organiser whom the address is about, from the one who may least to the one who may all."""
CITY_EDITOR, CITY_OWNER = "city editor", "city owner"
"""A role in the team of the city."""
OF_ORGANISER = (HELPER, REVIEWER, EDITOR, OWNER)
OF_CITY = (CITY_EDITOR, CITY_OWNER)
ROLES = (PUBLIC, LINK, DEVICE, WALLET, OPERATOR, STAFF, *OF_ORGANISER, *OF_CITY)


class Undeclared(Exception):
    """A view that does not say whom it is for."""


def needs(role: str) -> Callable[[View], View]:
    """Declare whom a view is for. Stands below the route's own decorator."""

    def mark(view: View) -> View:
        view.needs = role  # type: ignore[attr-defined]
        return view

    return mark


def needed(app: Flask, endpoint: str) -> str:
    """Say whom an address is for. Raises Undeclared."""
    role: str | None = getattr(app.view_functions[endpoint], "needs", None)
    if role not in ROLES:
        raise Undeclared(f"{endpoint} does not say whom it is for: put @needs(…) below its route.")
    return role


def needed_now() -> str:
    """Say whom the address of this request is for. Raises Undeclared."""
    return needed(current_app, request.endpoint or "")


def reaches(role: str, needed: str, ladder: tuple[str, ...]) -> bool:
    """Say whether a role is at least the one that is needed. Raises Undeclared when that is none of the ladder."""
    if needed not in ladder:
        raise Undeclared(f"{request.endpoint} asks for a role among {ladder}, and declares {needed!r}.")
    return role in ladder and ladder.index(role) >= ladder.index(needed)


def is_looking() -> bool:
    """Say whether this request only reads."""
    return request.method in ("GET", "HEAD", "OPTIONS")


def check_all(app: Flask) -> None:
    """Raise Undeclared for the first address that does not say whom it is for."""
    for rule in app.url_map.iter_rules():
        needed(app, rule.endpoint)
