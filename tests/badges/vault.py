"""A vault for tests: speaks the part of the transit engine's HTTP API that signing needs, on a real socket.

Written from the engine's public API documentation; keys live in its memory and never leave it.
"""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

TOKEN = "s.test-token"
_PATH = re.compile(r"/v1/transit/(keys|sign)/([\w-]+)\Z")


class TestVault(ThreadingHTTPServer):
    """Set `sealed` and it answers as a sealed vault does; `asked` counts requests that sign, `heard` all."""

    __test__ = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.keys: dict[str, Ed25519PrivateKey] = {}
        self.sealed = False
        self.asked = self.heard = 0

    @property
    def address(self) -> str:
        return f"vault+http://127.0.0.1:{self.server_port}/transit"

    def answer(self, verb: str, path: str, token: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        found = _PATH.match(path)
        self.heard += 1
        if self.sealed:
            return 503, {"errors": ["Vault is sealed"]}
        if token != TOKEN:
            return 403, {"errors": ["permission denied"]}
        if not found:
            return 404, {"errors": []}
        kind, name = found[1], found[2]
        if kind == "keys" and verb == "POST":
            assert body == {"type": "ed25519"}
            self.keys.setdefault(name, Ed25519PrivateKey.generate())
        if name not in self.keys:
            return 404, {"errors": []}
        return 200, {"data": self._sign(name, body) if kind == "sign" else self._describe(name)}

    def _describe(self, name: str) -> dict[str, Any]:
        public = base64.b64encode(self.keys[name].public_key().public_bytes_raw()).decode()
        return {
            "name": name,
            "type": "ed25519",
            "exportable": False,
            "latest_version": 1,
            "keys": {"1": {"name": "ed25519", "public_key": public}},
        }

    def _sign(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        self.asked += 1
        signed = [self.keys[name].sign(base64.b64decode(one["input"])) for one in body["batch_input"]]
        return {
            "batch_results": [{"signature": f"vault:v1:{base64.b64encode(one).decode()}"} for one in signed]
        }


class _Handler(BaseHTTPRequestHandler):
    server: TestVault

    def _answer(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, content = self.server.answer(
            self.command, self.path, self.headers.get("X-Vault-Token", ""), json.loads(raw or b"{}")
        )
        sent = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    do_GET = do_POST = _answer

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def running() -> Iterator[TestVault]:
    server = TestVault()
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
