"""WebKitGTK by WebDriver (W3C), through the driver that comes with it, on a screen that nobody sees."""

import base64
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import suppress
from glob import glob
from pathlib import Path
from typing import Any

from tests.databases import free_port

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the name that the standard gives to a reference


def program() -> str | None:
    """Return the small browser of an installed WebKitGTK, when its driver and a virtual screen are here too."""
    browsers = glob("/usr/lib/*/webkit2gtk-4.*/MiniBrowser") + glob("/usr/libexec/webkit2gtk-4.*/MiniBrowser")
    complete = browsers and shutil.which("WebKitWebDriver") and shutil.which("Xvfb")
    return max(browsers) if complete else None


class WebKit:
    """One WebKitGTK. It keeps what pages store until it ends, and no longer: automation is a private session."""

    def __init__(self, folder: Path) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []
        self._log = (folder / "webkit.log").open("wb")
        screen, port = self._start_screen(), free_port()
        home = {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "DISPLAY": screen, "NO_AT_BRIDGE": "1"}
        # As root its sandbox cannot be built; the pages are our own.
        quiet = {
            "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "GDK_BACKEND": "x11",
        }
        self._run(["WebKitWebDriver", f"--port={port}"], {**os.environ, **home, **quiet})
        self._base = f"http://127.0.0.1:{port}"
        options = {"binary": program(), "args": ["--automation", "--geometry=360x740"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        self._session = f"/session/{self._first_session(wanted)}"
        self._call("POST", "/timeouts", {"script": 30_000, "pageLoad": 60_000, "implicit": 0})

    def _start_screen(self) -> str:
        number = 100 + free_port() % 5000
        self._run(["Xvfb", f":{number}", "-screen", "0", "400x800x24", "-nolisten", "tcp"], dict(os.environ))
        return f":{number}"

    def _run(self, command: list[str], environment: dict[str, str]) -> None:
        started = subprocess.Popen(
            command, env=environment, stdout=self._log, stderr=self._log, start_new_session=True
        )
        self._processes.append(started)

    def _first_session(self, wanted: dict[str, Any]) -> str:
        until = time.monotonic() + 60
        while True:
            try:
                made: str = self._request("POST", "/session", {"capabilities": wanted})["sessionId"]
                return made
            except urllib.error.URLError:  # the driver is on its way
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._request(method, self._session + path, body)

    def _request(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(
            self._base + path, data, {"Content-Type": "application/json"}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=90) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            said = json.load(error)["value"]
            raise OSError(f"{path}: {said['error']}: {said['message']}") from error

    def open(self, url: str) -> None:
        self._call("POST", "/url", {"url": url})

    def ask(self, expression: str) -> Any:
        code = f"""const say = arguments[arguments.length - 1];
        Promise.resolve((async () => ({expression}))()).then((v) => say([v ?? null]), (e) => say([null, String(e)]));"""
        value, *problem = self._call("POST", "/execute/async", {"script": code, "args": []})
        if problem:
            raise RuntimeError(problem[0])
        return value

    def _find(self, place: str) -> str:
        found = self._call("POST", "/element", {"using": "xpath", "value": place})
        return f"/element/{found[_ELEMENT]}"

    def click(self, place: str) -> None:
        self._call("POST", self._find(place) + "/click", {})

    def type(self, place: str, text: str) -> None:
        self._call("POST", self._find(place) + "/value", {"text": text})

    def choose_file(self, place: str, path: Path) -> None:
        self._call("POST", self._find(place) + "/value", {"text": str(path)})

    def photograph(self, target: Path) -> None:
        target.write_bytes(base64.b64decode(self._call("GET", "/screenshot")))

    def quit(self) -> None:
        with suppress(OSError):
            self._request("DELETE", self._session)
        for process in reversed(self._processes):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._log.close()
