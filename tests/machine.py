"""What the tests need from the machine: PostgreSQL, Redis and a Chromium; says in one sentence what is missing."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from glob import glob
from pathlib import Path

PACKAGES = {
    "chromium": "chromium",
    "postgres": "postgresql",
    "redis-server": "redis-server",
    "ffmpeg": "ffmpeg",
}
OTHER_ENGINES = {"firefox": "firefox-esr", "WebKitWebDriver": "webkit2gtk-driver", "Xvfb": "xvfb"}
"""Browsers of other makers: their walks are left out where they are not installed, but never in CI."""


class Missing(SystemExit):
    """Something the tests need is not on this machine and cannot be installed by us."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(f"{what} is missing: {mend}")


def ensure() -> None:
    """Look for everything, and install from Debian what is missing when we are root there."""
    absent = _absent()
    if "chromium" in absent and os.geteuid() != 0:  # Playwright's own browser needs no root
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
        chromium.cache_clear()
        absent = _absent()
    wanted = absent + _absent(OTHER_ENGINES)
    if wanted and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=False, env=environment)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "fonts-noto-core", *wanted],
            check=False,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        chromium.cache_clear()
        absent = _absent()
    if absent:
        raise Missing(" and ".join(absent), f"run `sudo apt-get install {' '.join(absent)}` and then again.")


def _absent(programs: Mapping[str, str] = PACKAGES) -> list[str]:
    return [package for program, package in programs.items() if not _found(program)]


def _found(program: str) -> bool:
    if program == "firefox":
        return bool(shutil.which("firefox") or shutil.which("firefox-esr"))
    if program == "postgres":
        return postgres_folder() is not None
    if program == "chromium":
        return chromium() is not None
    return shutil.which(program) is not None


def postgres_folder() -> Path | None:
    """Return the folder of PostgreSQL's server programs, the newest version first; often not on PATH."""
    on_path = shutil.which("postgres")
    if on_path and shutil.which("initdb"):
        return Path(on_path).parent
    homes = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
    found = [Path(p) for home in homes for p in glob(home) if (Path(p) / "initdb").exists()]
    return max(
        found,
        key=lambda p: [int(n) for n in "".join(c if c.isdigit() else " " for c in str(p)).split()],
        default=None,
    )


@cache
def chromium() -> str | None:
    """Return a browser to test with: an installed Chromium or Chrome, else the one Playwright downloaded."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    if Path(mac).exists():
        return mac
    caches = (Path.home() / ".cache/ms-playwright", Path.home() / "Library/Caches/ms-playwright")
    for folder in caches:
        for found in sorted(folder.glob("chromium-*/*/chrome"), reverse=True):
            return str(found)
    return None


if __name__ == "__main__":
    ensure()
