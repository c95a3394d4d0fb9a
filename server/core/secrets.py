"""The server's own secrets: made on first use, one file each in the instance folder, readable by us alone."""

import os
import secrets as random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO

from flask import current_app


def secret(name: str, instance: Path | None = None) -> bytes:
    """Return the 32-byte secret of that name, making it on first use."""
    return _read_or_make((instance or Path(current_app.config["STREETWISE"].instance)) / "secrets" / name)


def token(name: str, instance: Path | None = None) -> str:
    """Return the token of that name, making it on first use: a secret that people copy, so it is text."""
    folder = (instance or Path(current_app.config["STREETWISE"].instance)) / "secrets"
    return _read_or_make(folder / name, as_text=True).decode().strip()


@cache
def _read_or_make(path: Path, as_text: bool = False) -> bytes:
    if not path.exists():
        write_once(path, random.token_urlsafe(32).encode() if as_text else random.token_bytes(32))
    return path.read_bytes()


def write_once(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, for us alone to read; the first writer wins.

    Two processes that start together agree: the file is made under another name, then linked.
    """
    make_private(path.parent)
    draft = path.with_name(f".{path.name}.{random.token_hex(8)}")
    write_private(draft, content)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # someone else was first, and theirs is complete
    finally:
        draft.unlink()


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only we may read (mode 600), down to the disk."""
    with private_file(path) as file:
        file.write(content)


@contextmanager
def private_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a new file to write that only we may read (mode 600); at the end it is on the disk."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def make_private(folder: Path) -> None:
    """Make a folder and those above it that only we may look into (mode 700)."""
    if not folder.is_dir():
        make_private(folder.parent)
        folder.mkdir(exist_ok=True, mode=0o700)
