"""A visitor's phone: a real Chromium with its own profile, a fake camera, and a power button."""

import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page, Playwright

from tests.machine import Missing, chromium

SMALL = {"width": 360, "height": 740}


class Phone:
    """One browser profile on disk. `kill()` is SIGKILL; `switch_on()` starts again with what was kept."""

    def __init__(self, playwright: Playwright, folder: Path, locale: str = "en") -> None:
        self._playwright, self._profile, self.locale = playwright, folder / "profile", locale
        self._film = folder / "camera.mjpeg"
        show_to_camera(None, self._film)
        self.context: BrowserContext | None = None

    def switch_on(self, **options: Any) -> Page:
        self.context = self._playwright.chromium.launch_persistent_context(
            self._profile,
            executable_path=browser(),
            args=[
                "--no-sandbox",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={self._film}",
                f"--streetwise-profile={self._profile}",
            ],
            viewport=SMALL,
            device_scale_factor=2,
            has_touch=True,
            locale=self.locale,
            permissions=["camera"],
            **{"color_scheme": "light", **options},
        )
        self.context.set_default_timeout(45_000)
        return self.context.pages[0]

    def look_at(self, picture: Path | None) -> None:
        """Hold the camera in front of a picture. The scanner must be opened again to see it."""
        show_to_camera(picture, self._film)

    def kill(self) -> None:
        """The battery dies: every process of this browser is killed."""
        subprocess.run(["pkill", "-KILL", "-f", "--", f"--streetwise-profile={self._profile}"], check=False)
        time.sleep(0.5)
        if self.context:
            with suppress(Error):  # the browser is gone, as it should be
                self.context.close()
        self.context = None

    def switch_off(self) -> None:
        if self.context:
            self.context.close()
            self.context = None


def browser() -> str:
    found = chromium()
    if not found:
        raise Missing("A browser", "run `sudo apt-get install chromium` and then again.")
    return found


def show_to_camera(picture: Path | None, film: Path) -> None:
    """Make the film that the fake camera plays: the picture on a table, or the bare table."""
    ffmpeg = shutil.which("ffmpeg")
    if not ffmpeg:
        raise Missing("ffmpeg", "run `sudo apt-get install ffmpeg` and then again.")
    table = ["-f", "lavfi", "-i", "color=c=0x8a7f70:s=640x480:r=10:d=1"]
    code = (
        ["-i", str(picture), "-filter_complex", "[1]scale=300:-1[q];[0][q]overlay=170:80"] if picture else []
    )
    draft = film.with_suffix(".draft.mjpeg")
    subprocess.run(
        [
            ffmpeg,
            "-y",
            "-loglevel",
            "error",
            *table,
            *code,
            "-t",
            "1",
            "-pix_fmt",
            "yuvj420p",
            "-q:v",
            "3",
            str(draft),
        ],
        check=True,
    )
    draft.replace(film)
