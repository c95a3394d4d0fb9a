"""Firefox by WebDriver BiDi (W3C), spoken to the stock browser itself: no driver program between."""

import base64
import itertools
import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import websocket

_SETTINGS = {
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.safebrowsing.downloads.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "media.navigator.permission.disabled": True,
    "media.navigator.streams.fake": True,
    "intl.accept_languages": "en",
    "dom.serviceWorkers.idle_timeout": 300_000,
    "remote.active-protocols": 1,
}
_ENTER_VALUE = "\ue007"


def program() -> str | None:
    """Return an installed Firefox."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


class Firefox:
    """One Firefox with a profile on disk, which outlives it."""

    def __init__(self, profile: Path) -> None:
        profile.mkdir(exist_ok=True)
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in _SETTINGS.items()]
        (profile / "user.js").write_text("\n".join(lines))
        self._log = profile.parent / f"{profile.name}.log"
        self._process = self._start(profile)
        self._numbers = itertools.count(1)
        self._socket = websocket.create_connection(
            self._address() + "/session", timeout=60, suppress_origin=True
        )
        self._command("session.new", capabilities={})
        self._context = self._command("browsingContext.getTree")["contexts"][0]["context"]
        self._command(
            "browsingContext.setViewport", context=self._context, viewport={"width": 360, "height": 740}
        )

    def _start(self, profile: Path) -> "subprocess.Popen[bytes]":
        self._log.unlink(missing_ok=True)
        command = [program() or "firefox", "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]  # fmt: skip
        environment = {**os.environ, "HOME": str(profile.parent), "MOZ_CRASHREPORTER_DISABLE": "1"}
        with self._log.open("wb") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)

    def _address(self) -> str:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            for line in self._log.read_text(errors="replace").splitlines():
                if "WebDriver BiDi listening on" in line:
                    return line.split()[-1]
            time.sleep(0.1)
        raise RuntimeError(f"Firefox did not start:\n{self._log.read_text(errors='replace')[-2000:]}")

    def _command(self, method: str, **params: Any) -> Any:
        """Send a command and return its result; what happens meanwhile is not our business."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") != number:
                continue
            if answer["type"] == "error":
                raise OSError(f"{method}: {answer['error']}: {answer['message']}")
            return answer["result"]

    def open(self, url: str) -> None:
        self._command("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def ask(self, expression: str) -> Any:
        target = {"context": self._context}
        code = f"(async () => JSON.stringify(await ({expression})))()"
        said = self._command("script.evaluate", expression=code, target=target, awaitPromise=True)
        if said["type"] == "exception":
            raise RuntimeError(said["exceptionDetails"]["text"])
        value = said["result"].get("value")
        return None if value is None else json.loads(value)

    def _find(self, place: str) -> dict[str, Any]:
        locator = {"type": "xpath", "value": place}
        nodes = self._command("browsingContext.locateNodes", context=self._context, locator=locator)["nodes"]
        if not nodes:
            raise AssertionError(f"nothing at {place}; the page says:\n{self.ask('document.body.innerText')}")
        node = {"sharedId": nodes[0]["sharedId"]}
        center = "(one) => one.scrollIntoView({ block: 'center', behavior: 'instant' })"
        self._command("script.callFunction", functionDeclaration=center, awaitPromise=False, target={"context": self._context}, arguments=[node])  # fmt: skip
        return node

    def click(self, place: str) -> None:
        element = {"type": "element", "element": self._find(place)}
        moves = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": element},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self._perform({"type": "pointer", "id": "finger", "actions": moves})

    def type(self, place: str, text: str) -> None:
        self.click(place)
        keys = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self._perform({"type": "key", "id": "keyboard", "actions": keys})

    def _perform(self, source: dict[str, Any]) -> None:
        self._command("input.performActions", context=self._context, actions=[source])

    def choose_file(self, place: str, path: Path) -> None:
        self._command("input.setFiles", context=self._context, element=self._find(place), files=[str(path)])

    def photograph(self, target: Path) -> None:
        picture = self._command("browsingContext.captureScreenshot", context=self._context)
        target.write_bytes(base64.b64decode(picture["data"]))

    def quit(self) -> None:
        with suppress(OSError, websocket.WebSocketException):
            self._socket.close()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
