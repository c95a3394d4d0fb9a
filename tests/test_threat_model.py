"""docs/threat-model.md names a test for each threat, and each named test exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "threat-model.md"
NAMED = re.compile(r"`(?:tests/)?([\w./-]+?)(?:\.py|\.js)?`(?::\s*([^;|`]+))?")
OPEN = "*open*"


def rows() -> list[tuple[int, list[str]]]:
    """Return the rows of every table whose last column is the test, with their line's number."""
    found, is_ours = [], False
    for number, line in enumerate(PAGE.read_text().splitlines(), 1):
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if cells and cells[-1] == "test":
            is_ours = True
        elif not cells:
            is_ours = False
        elif is_ours and not set(line) <= set("|- "):
            found.append((number, cells))
    return found


def files_of(name: str) -> list[Path]:
    """Find a named file: below tests/, or by its short name in tests/adversary/."""
    base = ROOT / "tests"
    return [
        one
        for one in (base / f"{name}.py", base / f"{name}.js", base / "adversary" / f"{name}.py")
        if one.exists()
    ]


def has_test(path: Path, words: str) -> bool:
    """Say whether a file has a test of that name; `…` stands for what is left out."""
    parts = [re.sub(r"\W+", "_", part.strip().lower()).strip("_") for part in words.split("…")]
    return bool(
        re.search(r"def test_\w*" + r"\w*".join(map(re.escape, filter(None, parts))), path.read_text())
    )


def test_every_threat_names_a_test_that_exists() -> None:
    missing = []
    for number, cells in rows():
        named = NAMED.findall(cells[-1])
        if OPEN in cells[-1]:
            missing += [f"{number}: {name} is there now: name it" for name, _ in named if files_of(name)]
        elif not named:
            missing.append(f"{number}: no test")
        for name, words in named if OPEN not in cells[-1] else ():
            files = files_of(name)
            if not files or (words and not any(has_test(path, words) for path in files)):
                missing.append(f"{number}: {name}: {words}")
    assert missing == []


def test_the_page_is_whole() -> None:
    """Each door is looked at for each of the six kinds of threats, or says why not; each test of the adversary is named."""
    assert len(rows()) > 100
    doors = re.split(r"^### ", PAGE.read_text(), flags=re.M)[1:]
    for door in doors:
        kinds = {letter for line in door.splitlines() for letter in re.findall(r"^\| ([STRIDE]+) \|", line)}
        assert set("".join(kinds)) == set("STRIDE"), door.splitlines()[0]
    named = {name for _, cells in rows() for name, _ in NAMED.findall(cells[-1])}
    ours = {path.stem for path in (ROOT / "tests" / "adversary").glob("test_*.py")}
    assert ours <= {name.rsplit("/", 1)[-1] for name in named}
