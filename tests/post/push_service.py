"""A browser's push service on this machine, and the browser behind it, which can read what came."""

import http.server
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from server.core.outside import Outside
from tests.certificates import make_certificate
from tests.phone import b64

HOST = "push.example"


@dataclass
class Browser:
    """What a browser hands out when it is subscribed, and keeps to read with."""

    path: str = "/send/1"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = b"sixteen bytes ok"

    def chosen(self, *kinds: str, lang: str = "en") -> dict[str, Any]:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {
            "endpoint": f"https://{HOST}{self.path}", "p256dh": b64(point), "auth": b64(self.auth),
            "lang": lang, "kinds": list(kinds),
        }  # fmt: skip

    def read(self, content: bytes) -> dict[str, Any]:
        said = http_ece.decrypt(content, private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        found: dict[str, Any] = json.loads(said)
        return found


@dataclass
class PushService:
    outside: Outside
    came: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)  # path, headers, content
    answers: dict[str, int] = field(default_factory=dict)  # path → status; else 201
    names: dict[str, list[str]] = field(default_factory=dict)  # where each host is


@contextmanager
def serving(folder: Path) -> Iterator[PushService]:
    cert, key = make_certificate(folder, HOST)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            service.came.append((self.path, dict(self.headers), content))
            self.send_response(service.answers.get(self.path, 201))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: Any) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("0.0.0.0", 0), Handler)  # noqa: S104 - also where we must not reach it
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    names = {HOST: ["127.0.0.1"]}
    service = PushService(
        Outside(
            lambda host, _port: names.get(host, []),
            lambda one: one == "127.0.0.1",
            ssl.create_default_context(cafile=str(cert)),
            server.server_address[1],
        ),
        names=names,
    )
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield service
    server.shutdown()
    server.server_close()
