"""The guarded reader: public https only, to the very address that was checked, within limits of size, time and kind."""

import http.server
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from server.badges.verification import fetching
from server.badges.verification.fetching import Outside
from server.core.outside import is_public
from tests.certificates import make_certificate

HOST = "museum.example"
HITS: list[str] = []


class Site(http.server.BaseHTTPRequestHandler):
    """A museum's web site, well behaved at some addresses only."""

    def do_GET(self) -> None:
        HITS.append(self.path)
        getattr(self, "answer_" + self.path.strip("/").partition("?")[0], self.answer_missing)()

    def say(
        self, status: int = 200, kind: str = "application/json", body: bytes = b"{}", **headers: str
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def answer_key(self) -> None:
        self.say(body=b'{"a": 1}')

    def answer_gone(self) -> None:
        self.say(410, body=b'{"revoked": true}')

    def answer_page(self) -> None:
        self.say(kind="text/html", body=b"<html>")

    def answer_packed(self) -> None:
        self.say(Content_Encoding="gzip")

    def answer_moved(self) -> None:
        self.say(302, Location="/key")

    def answer_inside(self) -> None:
        self.say(302, Location="https://inside.example/secret")

    def answer_plain(self) -> None:
        self.say(302, Location="http://museum.example/key")

    def answer_round(self) -> None:
        self.say(302, Location="/round?" + "x" * len(HITS))

    def answer_huge(self) -> None:
        self.say(body=b" " * (fetching.MOST_BYTES + 1))

    def answer_drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.1)

    def answer_missing(self) -> None:
        self.say(404)

    def log_message(self, *_words: Any) -> None:
        return


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, ssl.SSLContext]]:
    """The site over TLS on this machine: its port, and a context that trusts it."""
    cert, key = make_certificate(tmp_path_factory.mktemp("tls"), HOST)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.daemon_threads, server.block_on_close = True, False
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1], ssl.create_default_context(cafile=str(cert))
    server.shutdown()


@pytest.fixture
def outside(site: tuple[int, ssl.SSLContext]) -> Outside:
    """A reader for whom this machine stands for the public internet, and nothing else does."""
    port, trust = site
    HITS.clear()
    names = {HOST: ["127.0.0.1"], "inside.example": ["10.0.0.1"], "both.example": ["127.0.0.1", "10.0.0.1"]}
    return Outside(lambda host, _port: names.get(host, []), lambda one: one == "127.0.0.1", trust, port)


def test_a_public_document_is_read_and_read_once(outside: Outside) -> None:
    assert outside.fetch(f"https://{HOST}/key#1") == fetching.Fetched(200, b'{"a": 1}')
    assert outside.fetch(f"https://{HOST}/key#2") == fetching.Fetched(200, b'{"a": 1}')
    assert HITS == ["/key"]


def test_what_is_gone_is_told_as_gone_and_a_redirect_is_followed(outside: Outside) -> None:
    gone = outside.fetch(f"https://{HOST}/gone")
    assert gone and gone.status == 410
    moved = outside.fetch(f"https://{HOST}/moved")
    assert moved and moved.content == b'{"a": 1}'


@pytest.mark.parametrize("path", ["page", "packed", "inside", "plain", "round", "huge", "missing"])
def test_what_is_not_a_small_public_document_is_not_read(outside: Outside, path: str) -> None:
    assert outside.fetch(f"https://{HOST}/{path}") is None
    assert len(HITS) <= 4


def test_a_site_that_drips_is_cut_off(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.5)
    begun = time.monotonic()
    assert outside.fetch(f"https://{HOST}/drip") is None
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    "url",
    [
        f"http://{HOST}/key", f"https://user@{HOST}/key", f"https://{HOST}:8443/key", "https://inside.example/", "https://both.example/",
        "https://unknown.example/", "file:///etc/passwd", "https:///key", f"https://{HOST}\\@inside.example/", f"https://{HOST}/key\r\nX: y",
        "https://m\u0443seum.example/", "ftp://museum.example/key", f"https://{HOST}/" + "x" * 2000,
    ],
)  # fmt: skip
def test_other_addresses_are_never_asked(outside: Outside, url: str) -> None:
    assert outside.fetch(url) is None
    assert HITS == []


def test_a_site_with_another_certificate_is_not_believed(
    outside: Outside, site: tuple[int, ssl.SSLContext]
) -> None:
    stranger = Outside(lambda *_: ["127.0.0.1"], lambda _: True, ssl.create_default_context(), site[0])
    assert stranger.fetch(f"https://{HOST}/key") is None
    assert HITS == []


def test_one_check_reads_only_so_many(outside: Outside) -> None:
    for number in range(fetching.MOST_READS + 5):
        outside.fetch(f"https://{HOST}/key?{number}")
    assert len(HITS) == fetching.MOST_READS


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1", "255.255.255.255",  # noqa: S104
     "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1",
     "fe80::1%eth0", "192.0.2.1", "2001:db8::1"],
)  # fmt: skip
def test_no_address_of_a_private_net_is_public(address: str) -> None:
    assert not is_public(address)


def test_addresses_of_the_internet_are_public() -> None:
    assert is_public("93.184.216.34") and is_public("2606:2800:220:1:248:1893:25c8:1946")
