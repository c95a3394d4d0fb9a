"""Files: a folder of the instance by default, an S3 bucket by setting."""

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Protocol

from flask import current_app

from server.core.errors import NotFound
from server.core.secrets import make_private, private_file, write_private

PIECE = 256 * 1024


class Storage(Protocol):
    """Whole files under keys such as `media/ab12….svg`. Putting the same key again replaces the file."""

    def put(self, key: str, content: bytes) -> None: ...
    def get(self, key: str) -> bytes:
        """Raises NotFound."""
        ...

    def put_file(self, key: str, path: Path) -> None:
        """Put the content of a file of ours, which may be larger than the memory."""
        ...

    def stream(self, key: str) -> Iterator[bytes]:
        """Read in pieces. Raises NotFound before the first."""
        ...

    def exists(self, key: str) -> bool: ...
    def delete(self, key: str) -> None: ...
    def names(self) -> Iterator[str]:
        """Name all files, in no order."""

    def delete_below(self, key: str) -> None:
        """Delete all files whose keys begin with this key and a slash."""
        ...


class Folder:
    """Files below one folder, each written whole under another name and then moved into place."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def _path(self, key: str) -> Path:
        path = (self.root / key).resolve()
        if not path.is_relative_to(self.root):
            raise NotFound()
        return path

    def put(self, key: str, content: bytes) -> None:
        path = self._path(key)
        make_private(path.parent)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        write_private(draft, content)
        draft.replace(path)

    def get(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError as error:
            raise NotFound() from error

    def put_file(self, key: str, path: Path) -> None:
        target = self._path(key)
        make_private(target.parent)
        draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        with path.open("rb") as source, private_file(draft) as copy:
            shutil.copyfileobj(source, copy, PIECE)
        draft.replace(target)

    def stream(self, key: str) -> Iterator[bytes]:
        try:
            file = self._path(key).open("rb")
        except FileNotFoundError as error:
            raise NotFound() from error
        return _pieces(file)

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        for path in self.root.rglob("*"):
            if path.is_file() and not path.name.startswith("."):  # a draft that was broken off
                yield path.relative_to(self.root).as_posix()

    def delete_below(self, key: str) -> None:
        shutil.rmtree(self._path(key), ignore_errors=True)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


class Bucket:
    """Files in an S3 bucket; keys and secrets come from the environment as boto3 reads it."""

    def __init__(self, name: str, endpoint: str) -> None:
        import boto3  # an optional dependency: `streetwise[s3]`

        self._name = name
        self._s3: Any = boto3.client("s3", endpoint_url=endpoint or None)

    def put(self, key: str, content: bytes) -> None:
        self._s3.put_object(Bucket=self._name, Key=key, Body=content)

    def get(self, key: str) -> bytes:
        try:
            body: bytes = self._s3.get_object(Bucket=self._name, Key=key)["Body"].read()
        except self._s3.exceptions.NoSuchKey as error:
            raise NotFound() from error
        return body

    def put_file(self, key: str, path: Path) -> None:
        self._s3.upload_file(str(path), self._name, key)

    def stream(self, key: str) -> Iterator[bytes]:
        try:
            body: Any = self._s3.get_object(Bucket=self._name, Key=key)["Body"]
        except self._s3.exceptions.NoSuchKey as error:
            raise NotFound() from error
        return iter(body.iter_chunks(PIECE))

    def exists(self, key: str) -> bool:
        return any(
            one["Key"] == key
            for one in self._s3.list_objects_v2(Bucket=self._name, Prefix=key, MaxKeys=1).get("Contents", [])
        )

    def delete(self, key: str) -> None:
        self._s3.delete_object(Bucket=self._name, Key=key)

    def names(self) -> Iterator[str]:
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._name):
            yield from (one["Key"] for one in page.get("Contents", ()))

    def delete_below(self, key: str) -> None:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._name, Prefix=f"{key}/")
        for one in (found for page in pages for found in page.get("Contents", [])):
            self.delete(one["Key"])


def open_storage(folder: Path, bucket: str = "", endpoint: str = "") -> Storage:
    return Bucket(bucket, endpoint) if bucket else Folder(folder)


def files() -> Storage:
    """The files of the running application."""
    storage: Storage = current_app.extensions["streetwise_files"]
    return storage
