"""The layout around every page: whole or as a part, with the caching headers of public pages."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, make_response, render_template, request, send_file

from server.core.i18n import language
from server.core.roles import PUBLIC, needs

DIST = Path(__file__).parents[2] / "pwa" / "static" / "dist"


def page(template: str, *, status: int = 200, vary: str = "", **context: Any) -> Response:
    """Render a public page: the same for everyone, so any cache may keep it and must ask us if it still holds.

    `?part=1` renders only `<title>` and `<main>`: what a saved playlist keeps and the worker puts
    into the layout of the day.
    """
    part = "part" in request.args
    response = make_response(
        render_template(template, layout="part.html" if part else "base.html", **context), status
    )
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    response.headers["Content-Language"] = language()
    if vary:
        response.vary.add(vary)
    if status == 200:
        response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
        response.make_conditional(request)
    return response


def private_page(template: str, *, status: int = 200, **context: Any) -> Response:
    """Render a page for the person signed in: kept by nobody."""
    response = make_response(render_template(template, layout="base.html", status=status, **context), status)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def hushed(answer: Response) -> Response:
    """Keep an address that is a secret out of search engines, referrers and caches."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def asset(name: str) -> str:
    """Return the address of a built file, by its name before hashing: `asset("main.js")`."""
    return _assets(_assets_age()).get(name, f"/static/dist/{name}")


def _assets_age() -> float:
    table = DIST / "assets.json"
    return table.stat().st_mtime if table.exists() else 0.0


@cache
def _assets(_age: float) -> dict[str, str]:
    table = DIST / "assets.json"
    found: dict[str, str] = json.loads(table.read_text()) if table.exists() else {}
    return found


def files_of(*entries: str) -> list[str]:
    """List the addresses of all files that some bundles need, so that a page can ask for them at once.

    Otherwise a browser learns of them one import after the other, a round trip each time.
    """
    table = _imports(_assets_age())
    return list(dict.fromkeys(url for entry in entries for url in table.get(entry, [])))


@cache
def _imports(_age: float) -> dict[str, list[str]]:
    table = DIST / "imports.json"
    found: dict[str, list[str]] = json.loads(table.read_text()) if table.exists() else {}
    return found


@needs(PUBLIC)
def service_worker() -> Response:
    """Send the worker from the top, whose pages it keeps; asked for anew at each look for an update."""
    response = send_file(DIST / "service-worker.js", mimetype="text/javascript", conditional=True)
    response.headers["Cache-Control"] = "no-cache"
    return response


def absolute(path: str) -> str:
    """Return the full public address of a path, as previews and badges need it."""
    base: str = current_app.config["STREETWISE"].base_url
    return base.rstrip("/") + path


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(asset=asset, absolute=absolute, files_of=files_of)
    app.add_url_rule("/service-worker.js", "service_worker", service_worker)
