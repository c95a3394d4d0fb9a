"""Writes the table in docs/limits.md from the application: `python -m tests.limits_page` after a limit was changed."""

import tempfile
from collections import defaultdict
from dataclasses import fields
from pathlib import Path

from flask import Flask
from limits import parse_many

from server.app import create_app
from server.config import Config
from server.core.limits import limiter

PAGE = Path(__file__).parents[1] / "docs" / "limits.md"
BEGINS, ENDS = "<!-- from the application: python -m tests.limits_page -->", "<!-- until here -->"


def table(app: Flask) -> str:
    """List each rate with the addresses that have it. Several rates hold all at once."""
    found = defaultdict(list)
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        rate = _rate(app, f"{view.__module__}.{view.__name__}.{view.__name__}")
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        found[rate].append(f"{'/'.join(methods)} `{rule.rule}`")
    found.pop("", None)
    lines = [f"| {rate} | {', '.join(sorted(set(addresses)))} |" for rate, addresses in sorted(found.items())]
    return "\n".join(("| for each network | addresses |", "|---|---|", *lines))


def _rate(app: Flask, name: str) -> str:
    """Name the rate of a view in words, and the setting where one says so; empty when it has none."""
    with app.app_context():
        limits = [one.limit for one in limiter.limit_manager.decorated_limits(name)]
    declared = limiter.limit_manager._decorated_limits.get(name, ())
    is_set = any(callable(one.limit_provider) for one in declared)
    config = app.config["STREETWISE"]
    settings = [one.name for one in fields(Config) if one.name.endswith("_rate") and parse_many(getattr(config, one.name)) == limits]  # fmt: skip
    words = "; ".join(str(one).replace("per 1 ", "per ") for one in limits)
    return f"{words} (`STREETWISE_{settings[0].upper()}`)" if settings and is_set else words


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Config(instance=Path(folder)))
        before, _, rest = PAGE.read_text().partition(BEGINS)
        PAGE.write_text(f"{before}{BEGINS}\n\n{table(app)}\n\n{ENDS}{rest.partition(ENDS)[2]}")


if __name__ == "__main__":
    main()
