"""Writes `docs/roles.md` from what the addresses declare: `python -m tests.roles.table`."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from server.app import create_app
from server.config import Config
from server.core import roles
from tests.roles.things import plain

DOCUMENT = Path(__file__).parents[2] / "docs" / "roles.md"
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
SAID = {
    roles.PUBLIC: "Anybody, and the same for everybody. Signing in is here too.",
    roles.LINK: "Whoever has the secret that the address or the form carries.",
    roles.DEVICE: "A learner's phone, by its signature over the request; it reaches what is that learner's.",
    roles.WALLET: "A program that a learner let read, by its token.",
    roles.OPERATOR: "Whoever holds the operator's token of the instance folder.",
    roles.STAFF: "Whoever is signed in; they see what is theirs.",
    roles.HELPER: "Helpers of the organiser: its sessions and their door.",
    roles.REVIEWER: "Reviewers: what waits for a decision, what looks odd, who came.",
    roles.EDITOR: "Editors: activities, playlists, sessions, codes, badges and giving them.",
    roles.OWNER: "Owners: the team, and what the organiser says of others.",
    roles.CITY_EDITOR: "Editors of the city's team: all organisers, what they offer and who acts for them; of learners only how many.",
    roles.CITY_OWNER: "Owners of the city's team: they invite and suspend organisers, read what staff did, and set how long what is kept.",
}
HEAD = """# Who may do what

Each view declares whom it is for, by `@needs(…)` below its route (`server/core/roles.py`). The server refuses to start with a
view that does not. `organisers.services.may()` and `acting()`, and `cities.team.may()`, read the declaration of the address
that was asked; no view says it a second time. Whoever may more may also what stands above it in the same team. To others a
desk does not exist: they get 404, who is not signed in 401.

`tests/roles/` tries every address as everybody: nobody, a learner's phone, the operator's program, each role of the organiser
and of the city, an owner of another organiser and of another city. It also tries each address with one part of it replaced by
a thing of another organiser. It finds new addresses by itself, and says what to add when an address has a new kind of part.

An organiser that its city has suspended is hidden from all public pages; its people may look and change nothing (403). What is
the learners' stays: badges hold, its keys and its own page are there, saved playlists go on, and what was done counts.

This page is written by `python -m tests.roles.table`; a test compares it with the application.
"""


def write(app: Flask) -> str:
    """Write the page."""
    return HEAD + "".join(_section(app, role) for role in roles.ROLES)


def _section(app: Flask, role: str) -> str:
    lines = sorted(_lines(app, role))
    table = "".join(f"| `{path}` | {methods} |\n" for path, methods in lines)
    title = role.capitalize()
    return f"\n## {title}\n\n{SAID[role]}\n\n| address | methods |\n|---|---|\n{table}"


def _lines(app: Flask, role: str) -> Iterator[tuple[str, str]]:
    found: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        if roles.needed(app, rule.endpoint) == role:
            found.setdefault(plain(rule.rule), set()).update((rule.methods or set()) & METHODS)
    for path, methods in found.items():
        yield path, ", ".join(sorted(methods)) or "OPTIONS"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        DOCUMENT.write_text(write(create_app(Config(instance=Path(folder)))))


if __name__ == "__main__":
    main()
