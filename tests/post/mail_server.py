"""A mail server for tests: speaks SMTP over a real socket, and keeps what it was given."""

import base64
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socketserver import StreamRequestHandler, ThreadingTCPServer


@dataclass
class MailServer:
    """What it offers and refuses, and what came."""

    port: int = 0
    secured: ssl.SSLContext | None = None  # offers STARTTLS
    users: dict[str, str] = field(default_factory=dict)
    refuses: dict[str, str] = field(default_factory=dict)  # address → answer
    came: list[tuple[str, str, bytes]] = field(default_factory=list)  # from, to, content
    signed_in: list[str] = field(default_factory=list)
    over_tls: list[bool] = field(default_factory=list)


@contextmanager
def serving(server: MailServer) -> Iterator[MailServer]:
    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            Talk(self, server).run()

    class Server(ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that hangs up is none."""

    with Server(("127.0.0.1", 0), Handler) as listening:
        server.port = listening.server_address[1]
        threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        listening.shutdown()


class Talk:
    """One connection."""

    def __init__(self, handler: StreamRequestHandler, server: MailServer) -> None:
        self.server, self.secured = server, False
        self.socket, self.file = handler.connection, handler.connection.makefile("rwb")
        self.sender, self.to = "", ""

    def say(self, words: str) -> None:
        self.file.write(words.encode() + b"\r\n")
        self.file.flush()

    def run(self) -> None:
        self.say("220 test")
        while line := self.file.readline().decode().strip():
            word = line.split(":")[0].split()[0].upper()
            if word == "QUIT":
                self.say("221 bye")
                return
            getattr(self, word.lower(), self.unknown)(line)

    def unknown(self, line: str) -> None:
        self.say("502 what?")

    def ehlo(self, line: str) -> None:
        offers = ["test"]
        if self.server.secured and not self.secured:
            offers.append("STARTTLS")
        if self.server.users:
            offers.append("AUTH PLAIN")
        for one in offers[:-1]:
            self.say(f"250-{one}")
        self.say(f"250 {offers[-1]}")

    def starttls(self, line: str) -> None:
        assert self.server.secured
        self.say("220 go")
        self.socket = self.server.secured.wrap_socket(self.socket, server_side=True)
        self.file, self.secured = self.socket.makefile("rwb"), True

    def auth(self, line: str) -> None:
        _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
        fits = self.server.users.get(user) == password
        self.server.signed_in += [user] if fits else []
        self.say("235 welcome" if fits else "535 no")

    def mail(self, line: str) -> None:
        self.sender = line.partition("<")[2].partition(">")[0]
        self.say("250 ok")

    def rcpt(self, line: str) -> None:
        self.to = line.partition("<")[2].partition(">")[0]
        self.say(self.server.refuses.get(self.to, "250 ok"))

    def rset(self, line: str) -> None:
        self.say("250 ok")

    def data(self, line: str) -> None:
        self.say("354 go on")
        content = b""
        while (part := self.file.readline()) != b".\r\n":
            content += part
        self.server.came.append((self.sender, self.to, content))
        self.server.over_tls.append(self.secured)
        self.say("250 taken")
