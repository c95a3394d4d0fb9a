"""What we install is what was locked: each package by version and hash, from one registry and nowhere else."""

import json
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_package_is_locked_with_its_hashes() -> None:
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    assert len(packages) > 100
    for one in packages:
        if one["name"] == "streetwise":
            continue
        files = [*one.get("wheels", []), *([one["sdist"]] if "sdist" in one else [])]
        assert one["source"] == packages[0]["source"] and set(one["source"]) == {"registry"}, one["name"]
        assert files and all(re.fullmatch(r"sha256:[0-9a-f]{64}", file["hash"]) for file in files), one[
            "name"
        ]
        assert not one.get("yanked"), one["name"]


def test_every_browser_package_is_locked_with_its_hash() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    ours = {path: one for path, one in packages.items() if path}
    assert len(ours) > 50
    for path, one in ours.items():
        assert re.match(r"sha512-", one["integrity"]), path
        assert "resolved" not in one and not one.get("link"), path  # from the registry, by name and version
        assert not one.get("deprecated"), path


def test_what_is_installed_is_what_is_locked() -> None:
    """The build takes the locks as they are: `uv sync --frozen`, and `npm ci` without scripts."""
    assert re.search(r"\$\(UV\) sync -q --frozen", (ROOT / "Makefile").read_text())
    assert '"ci", "--ignore-scripts"' in (ROOT / "build.py").read_text()
