"""What a batch needs of the database: read for many keys at once, changed in memory, written together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Connection, Select, Update, bindparam, insert, select, update

from server.core.db import Base, new_id, table

K = TypeVar("K")
V = TypeVar("V")
M = TypeVar("M", bound=Base)
Pair = tuple[str, str]


class Lookup(Generic[K, V]):
    """Values by key. The first question reads for all keys that are expected."""

    def __init__(self, read: Callable[[Sequence[K]], Mapping[K, V]], missing: V) -> None:
        self._read, self._missing = read, missing
        self._expected: set[K] = set()
        self._found: dict[K, V] = {}

    def expect(self, keys: Iterable[K]) -> None:
        """Announce keys that will be asked for."""
        self._expected.update(key for key in keys if key not in self._found)

    def get(self, key: K) -> V:
        if key not in self._found:
            keys = [*self._expected, key]
            found = self._read(keys)
            self._found.update((one, found.get(one, self._missing)) for one in keys)
            self._expected.clear()
        return self._found[key]

    def forget(self) -> None:
        """Read anew what is asked for next."""
        self._found.clear()


class Shelf(Lookup[Pair, M | None]):
    """Rows of one table by a natural key of two columns; new and changed ones wait until they are written.

    What it gives is read like the model, but is only its values: to change a row, `put` what is new in it.
    `fixed` names columns that have one value in all rows of this shelf.
    """

    def __init__(self, connection: Connection, model: type[M], key: Pair, **fixed: str) -> None:
        super().__init__(self._read_pairs, None)
        self._connection, self._model, self._key = connection, model, key
        self._fixed = fixed
        self._query = _query(model, key, *fixed.items())
        self._unwritten: dict[Pair, str] = {}  # insert or update
        self._before: list[tuple[Pair, M | None, str | None]] = []  # what this event has changed

    def _read_pairs(self, pairs: Sequence[Pair]) -> dict[Pair, M | None]:
        found: dict[Pair, M | None] = {}
        for first in {first for first, _ in pairs}:
            seconds = sorted({second for one, second in pairs if one == first})
            for row in self._connection.execute(self._query, {"first": first, "seconds": seconds}):
                found[first, getattr(row, self._key[1])] = cast(M, row)
        return found

    def put(self, **values: Any) -> M:
        """Keep a row in which these columns are changed, or a new one, and return it."""
        key = values[self._key[0]], values[self._key[1]]
        before, waits = self.get(key), self._unwritten.get(key)
        kept = {name: getattr(before, name) for name in _columns(self._model)} if before else {"id": new_id()}
        row = cast(M, SimpleNamespace(**{**kept, **self._fixed, **values}))
        self._before.append((key, before, waits))
        self._found[key] = row
        self._unwritten[key] = waits or ("update" if before else "insert")
        return row

    def begin(self) -> None:
        """Begin an event: from here on changes can be undone."""
        self._before.clear()

    def undo(self) -> None:
        """Undo what this event has changed."""
        while self._before:
            key, row, waits = self._before.pop()
            self._found[key] = row
            self._unwritten.pop(key, None)
            if waits:
                self._unwritten[key] = waits

    def settle(self) -> None:
        """Write what earlier events have changed, and leave what this one has changed unwritten."""
        rows = [self._found[key] for key in dict.fromkeys(key for key, _, _ in self._before)]
        self.undo()
        self.write()
        for row in rows:
            self.put(**vars(row))

    def write(self) -> None:
        """Write what waits: all new rows in one statement, all changed ones in another."""
        rows: dict[str, list[dict[str, Any]]] = {"insert": [], "update": []}
        for key, waits in self._unwritten.items():
            rows[waits].append(vars(self._found[key]))
        if rows["insert"]:
            self._connection.execute(insert(table(self._model)), rows["insert"])
        if rows["update"]:
            self._connection.execute(
                _update(self._model), [{**one, "own_id": one["id"]} for one in rows["update"]]
            )
        self._unwritten.clear()


@cache
def _columns(model: type[Base]) -> list[str]:
    return [column.key for column in table(model).c]


@cache
def _query(model: type[Base], key: Pair, *fixed: Pair) -> Select[Any]:
    columns = table(model).c
    query = select(table(model)).where(
        columns[key[0]] == bindparam("first"), columns[key[1]].in_(bindparam("seconds", expanding=True))
    )
    return query.where(*(columns[name] == value for name, value in fixed))


@cache
def _update(model: type[Base]) -> Update:
    return update(table(model)).where(table(model).c.id == bindparam("own_id"))
