"""The house rules that no library checks for us."""

import ast
import re
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from server.config import Config

ROOT = Path(__file__).parents[1]
BROWSER = ROOT / "pwa" / "app"
MAY_IMPORT = {
    "main": {"islands", "actions", "sync", "store", "i18n"},
    "islands": {"islands", "actions", "sync", "store", "i18n", "scanner"},
    "actions": {"actions", "sync", "store", "i18n"},
    "sync": {"sync", "store"},
    "store": {"store"},
    "scanner": {"scanner"},
    "i18n": set(),
    "repair": {"repair", "sync"},
    "check": {"check"},
}
"""Browser room → rooms it may import. An island reads sync's status; only `sync/api.js` fetches. The repair page
leans on nothing that may be what is broken: it reads, sends and fetches by itself. `load` only says to the bundler what
comes together: whoever is brought later may import it, and gets nothing from it."""
SOURCES = sorted(p for p in BROWSER.rglob("*.js*"))
PYTHON = sorted(p for folder in ("server", "sync") for p in (ROOT / folder).rglob("*.py"))


def room(path: Path) -> str:
    inside = path.relative_to(BROWSER)
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def code(path: Path) -> str:
    return re.sub(r"/\*.*?\*/|^\s*//.*$", "", path.read_text(), flags=re.S | re.M)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(BROWSER)))
def test_browser_rooms_import_only_downwards(path: Path) -> None:
    for target in re.findall(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""", code(path)):
        other = room((path.parent / target).resolve())
        assert "load" in (room(path), other) or other in MAY_IMPORT[room(path)], (
            f"{path.name} imports {target}"
        )
        assert (
            room(path) != "repair"
            or other == "repair"
            or target.endswith(("sync/bytes.js", "sync/worker-address.js"))
        ), target


def test_what_comes_together_is_only_named() -> None:
    for path in SOURCES:
        if room(path) == "load":
            assert re.fullmatch(r'(\s*import "[^"]+";)+\s*', code(path)), path.name
        assert not re.search(r"""from\s*["'][^"']*/load/""", code(path)), (
            f"{path.name} takes something from load"
        )


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(BROWSER)))
def test_browser_code_keeps_the_house_rules(path: Path) -> None:
    source = code(path)
    assert "export default" not in source, "named exports only"
    assert not re.search(r"innerHTML|insertAdjacentHTML|outerHTML|dangerouslySetInnerHTML", source), (
        "no HTML strings"
    )
    if path != BROWSER / "sync" / "api.js" and room(path) != "repair":
        assert not re.search(r"(?<![\w.])fetch\(", source), "only sync/api.js fetches"
    if room(path) == "islands":
        assert not re.search(r"indexedDB|openDB|(?<![\w.])caches\.", source), "islands read the store"


def test_only_the_application_knows_routes() -> None:
    for path in PYTHON:
        for node in ast.walk(ast.parse(path.read_text())):
            module = node.module if isinstance(node, ast.ImportFrom) else None
            assert not (module or "").endswith(".routes"), f"{path} imports {module}"


def test_the_sync_contract_needs_only_the_standard_library() -> None:
    for path in (ROOT / "sync").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            for name in names:
                assert name.split(".")[0] in {*sys.stdlib_module_names, "sync"}, f"{path} imports {name}"


def test_services_neither_commit_nor_see_the_request() -> None:
    for path in ROOT.glob("server/*/services.py"):
        source = path.read_text()
        assert ".commit()" not in source, path
        assert not re.search(r"from flask import[^\n]*\b(request|session|g)\b", source), path


def test_every_setting_is_documented() -> None:
    readme = (ROOT / "README.md").read_text()
    for one in fields(Config):
        assert f"`STREETWISE_{one.name.upper()}`" in readme, one.name


def test_no_room_is_called_utils() -> None:
    names = {p.stem for p in [*PYTHON, *SOURCES]}
    assert not names & {"utils", "util", "helpers", "common", "misc", "manager"}


def test_prose_starts_every_module() -> None:
    missing = [
        str(p)
        for p in PYTHON
        if "versions" not in p.parts and not ast.get_docstring(ast.parse(p.read_text()))
    ]
    assert not missing


def test_nothing_fetched_at_run_time_is_named_in_pages() -> None:
    """The running app calls nobody: templates and style sheets load from our own address alone."""
    for path in [*ROOT.glob("server/**/templates/**/*.html"), *ROOT.glob("pwa/static/css/*.css")]:
        source = path.read_text()
        assert not re.search(
            r"""(?:src|href)=["']https?://|url\(["']?https?://|@import ["']https?://""", source
        ), path
