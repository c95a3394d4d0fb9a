"""Check the catalogues: nothing stale, nothing missing, placeholders kept. Part of `make check`."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


def main() -> int:
    problems = [*stale(), *incomplete(), *lost_in_browser_code()]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def stale() -> list[str]:
    """Compare messages.pot with what the sources say now."""
    kept = ids(read(ROOT / "translations/messages.pot"))
    found = ids(extract())
    return [f"messages.pot lacks {m!r}: run `make translations`" for m in sorted(found - kept)] + [
        f"messages.pot still has {m!r}: run `make translations`" for m in sorted(kept - found)
    ]


def incomplete() -> list[str]:
    """Find what a language lacks, marks as fuzzy, or translates with other placeholders."""
    template = ids(read(ROOT / "translations/messages.pot"))
    problems = []
    for po in sorted((ROOT / "translations").glob("*/LC_MESSAGES/messages.po")):
        lang, catalogue = po.parts[-3], read(po)
        problems += [f"{lang} lacks {m!r}" for m in sorted(template - ids(catalogue))]
        for message in catalogue:
            if not message.id:
                continue
            strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
            originals = message.id if isinstance(message.id, tuple | list) else (message.id,)
            if "fuzzy" in message.flags or not all(strings):
                problems.append(f"{lang} does not translate {originals[0]!r}")
            elif any(not placeholders(s) <= placeholders(" ".join(originals)) for s in strings) or (
                placeholders(strings[-1]) != placeholders(originals[-1])
            ):
                problems.append(f"{lang} has other placeholders in {originals[0]!r}")
    return problems


def lost_in_browser_code() -> list[str]:
    """Compare the calls of gettext in a JS file with what Babel found there: it loses some in silence."""
    found: dict[str, int] = {}
    for message in extract():
        for path, _line in message.locations:
            found[path] = found.get(path, 0) + 1
    problems = []
    for path in sorted((ROOT / "pwa/app").rglob("*.js*")):
        source = re.sub(r"/\*.*?\*/|^\s*//.*$", "", path.read_text(), flags=re.S | re.M)
        calls = len(re.findall(r"(?<![\w.])(?:gettext|ngettext)\(\s*[\"'`]", source))
        name = str(path.relative_to(ROOT))
        if (
            found.get(name, 0)
            < len(set(re.findall(r"(?<![\w.])n?gettext\(\s*([\"'`])(.*?)\1", source, flags=re.S)))
            and calls
        ):
            problems.append(f"{name}: Babel found {found.get(name, 0)} strings of {calls} calls")
    return problems


def extract() -> Catalog:
    with tempfile.NamedTemporaryFile(suffix=".pot") as file:
        subprocess.run(
            [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "babel.cfg", "-k", "gettext",
             "-k", "ngettext:1,2", "-k", "_", "--no-wrap", "-o", file.name, "."],
            cwd=ROOT, check=True,
        )  # fmt: skip
        return read(Path(file.name))


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3] if path.suffix == ".po" else None)


def ids(catalogue: Catalog) -> set[str]:
    return {m.id[0] if isinstance(m.id, tuple | list) else m.id for m in catalogue if m.id}


def placeholders(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))


if __name__ == "__main__":
    sys.exit(main())
