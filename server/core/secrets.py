"""The server's own secrets: made on first use, one file each in the instance folder, readable by us alone.

`streetwise secrets rotate` replaces one. What was made with the former one counts on for that secret's life, so it
stays beside it as `NAME~2027-12-31~…`, with the day until which it counts.
"""

import os
import secrets as random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import IO

from flask import current_app

from server.core.errors import DomainError


@dataclass(frozen=True)
class Kind:
    """What a secret is for, and for how many days what was made with a former one counts; None: it is for ever."""

    what: str
    days: int | None
    is_text: bool = False


KINDS = {
    "anchor": Kind("proves to us when a phone last heard from us", 400),
    "classes": Kind("cards of classes", 400),
    "exports": Kind("addresses of the copies that people take of their data", 1),
    "metrics": Kind("token of whoever reads /metrics", 7, is_text=True),
    "push": Kind("says to browsers' push services that it is us", None),
    "recipient-salts": Kind("salts inside of Open Badges 2.0 that are out there", None),
    "recipients": Kind("links by which people take badges given by name", 365),
    "second-factors": Kind("seals the authenticator apps of staff", 3650),
    "signing-keys": Kind(
        "passphrase of the keys that badges are signed with", 3650
    ),  # until all are encrypted anew
    "wallet-names": Kind("names of learners that wallets were told", None),
}
"""Every secret there is. A new one gets a line here: tests/core/test_secrets.py looks."""


class CannotRotate(DomainError):
    """A secret that there is not, or that others rely on for ever; the message says which."""


def secret(name: str, instance: Path | None = None) -> bytes:
    """Return the 32-byte secret of that name, making it on first use."""
    return _read_or_make(_folder(instance) / name)


def token(name: str, instance: Path | None = None) -> str:
    """Return the token of that name, making it on first use: a secret that people copy, so it is text."""
    return _read_or_make(_folder(instance) / name, as_text=True).decode().strip()


def all_secrets(name: str, instance: Path | None = None) -> list[bytes]:
    """Return a secret and those that it replaced and that still count, to check what was made with any of them."""
    folder = _folder(instance)
    return [
        _read_or_make(folder / name, KINDS[name].is_text),
        *(_read(one) for one in _former(folder, name) if _counts(one)),
    ]


def rotate(name: str, instance: Path, *, at_once: bool = False) -> None:
    """Replace a secret. What was made with the former one counts on for its life, or `at_once` no more.

    Raises CannotRotate.
    """
    kind, path = KINDS.get(name), instance / "secrets" / name
    if kind is None or kind.days is None:
        known = "It is in what others keep, and would no longer fit." if kind else "There is no such secret."
        raise CannotRotate(f"{name} cannot be replaced. {known}")
    fresh = path.with_name(f".{name}.{random.token_hex(8)}")
    write_private(fresh, _new(kind.is_text))
    if path.exists() and not at_once:
        until = datetime.now(UTC).date() + timedelta(days=kind.days)
        os.link(path, path.with_name(f"{name}~{until}~{random.token_hex(4)}"))
    os.replace(fresh, path)
    forget_former(name, instance, all_of_them=at_once)


def forget_former(name: str, instance: Path, *, all_of_them: bool) -> None:
    """Delete what a secret replaced and counts no more; or all of it."""
    for one in _former(instance / "secrets", name):
        if all_of_them or not _counts(one):
            one.unlink()


def former_until(name: str, instance: Path) -> list[date]:
    """List the days until which the former ones count, the last one first."""
    return sorted(map(_until, filter(_counts, _former(instance / "secrets", name))), reverse=True)


def _folder(instance: Path | None) -> Path:
    return (instance or Path(current_app.config["STREETWISE"].instance)) / "secrets"


def _former(folder: Path, name: str) -> list[Path]:
    return sorted(folder.glob(f"{name}~*"), reverse=True)


def _until(path: Path) -> date:
    return date.fromisoformat(path.name.split("~")[1])


def _counts(path: Path) -> bool:
    return _until(path) >= datetime.now(UTC).date()


def _read_or_make(path: Path, as_text: bool = False) -> bytes:
    if not path.exists():
        write_once(path, _new(as_text))
    return _read(path)


def _new(as_text: bool) -> bytes:
    return random.token_urlsafe(32).encode() if as_text else random.token_bytes(32)


def _read(path: Path) -> bytes:
    """Read a secret, from memory as long as its file is the same: a running server sees that it was replaced."""
    file = path.stat()
    return _content(path, file.st_ino, file.st_mtime_ns)


@lru_cache(maxsize=64)
def _content(path: Path, _inode: int, _changed: int) -> bytes:
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
