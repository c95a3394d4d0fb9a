"""The server's own secrets: made on first use, one file each in the instance folder, readable by us alone."""

import os
import secrets as random
from pathlib import Path

from flask import current_app


def secret(name: str, instance: Path | None = None) -> bytes:
    """Return the 32-byte secret of that name, making it on first use (mode 600).

    Two processes that start together agree: the file is created whole under another name, then linked.
    """
    folder = (instance or Path(current_app.config["STREETWISE"].instance)) / "secrets"
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = folder / f".{name}.{os.getpid()}.{random.token_hex(4)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(random.token_bytes(32))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first; its secret counts
        finally:
            draft.unlink()
    return path.read_bytes()
