"""What comes out the same for each application that the tests make, worked out once: it was a fifth of their time."""

from collections.abc import Callable
from functools import partial
from types import CodeType
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule
from whitenoise import WhiteNoise


def work_out_once() -> None:
    """Share compiled templates, routes and queries, and the list of static files, among all applications of this process."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Templates()}
    Rule._compile_builder = _routes_once(Rule._compile_builder)  # type: ignore[method-assign]
    WhiteNoise.update_files_dictionary = _files_once(WhiteNoise.update_files_dictionary)
    _share_queries()


class _Templates(BytecodeCache):
    def __init__(self) -> None:
        self._made: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._made.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code
        self._made[bucket.key, bucket.checksum] = bucket.code


def _routes_once(make: Callable[[Rule, bool], Callable[..., Any]]) -> Callable[..., Callable[..., Any]]:
    made: dict[Any, Callable[..., Any]] = {}

    def known(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        of = rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown
        if of not in made:
            made[of] = make(rule, append_unknown)
        return made[of]

    return known


def _share_queries() -> None:
    """Each engine keeps the SQL that it made of a query, by the query and its dialect: ours are set up alike."""
    made: LRUCache[Any, Any] = LRUCache(10_000)
    Engine._compiled_cache = property(lambda self: made, lambda self, own: None)  # type: ignore[assignment]
    Dialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    Dialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]


def _files_once(find: Callable[..., None]) -> Callable[..., None]:
    found: dict[Any, dict[str, Any]] = {}

    def known(server: WhiteNoise, root: str, prefix: str) -> None:
        headers = server.add_headers_function
        of = root, prefix, headers.args if isinstance(headers, partial) else headers
        if of not in found:
            find(server, root, prefix)
            found[of] = dict(server.files)
        server.files.update(found[of])

    return known
