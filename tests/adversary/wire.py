"""What anybody between a phone and the server can write down: the head of each request, as an access log would have it."""

import socket
import threading
from contextlib import suppress


class Wire:
    """A proxy that passes everything on and keeps the heads: method, address, headers. Bodies pass unread."""

    def __init__(self, port: int, to: int) -> None:
        self.heads: list[str] = []
        self._to = to
        self._listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=[client], daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection(("127.0.0.1", self._to)) as server:
            threading.Thread(target=_pass_on, args=[server, client], daemon=True).start()
            self._read(client, server)

    def _read(self, client: socket.socket, server: socket.socket) -> None:
        """Read requests one after another; a browser says of each body how long it is."""
        waiting = b""
        while more := client.recv(65_536):
            server.sendall(more)
            waiting += more
            while b"\r\n\r\n" in waiting:
                head, _, rest = waiting.partition(b"\r\n\r\n")
                length = _length(head)
                if len(rest) < length:
                    break
                self.heads.append(head.decode("latin-1"))
                waiting = rest[length:]
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._listener.close()


def _pass_on(server: socket.socket, client: socket.socket) -> None:
    with suppress(OSError):
        while more := server.recv(65_536):
            client.sendall(more)
        client.shutdown(socket.SHUT_WR)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0
