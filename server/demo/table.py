"""One table of the demo's TOML files, read strictly: what is missing, misspelt or of the wrong kind is refused by place."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

LANGUAGES = ("en", "nl", "es")
Texts = dict[str, str]
T = TypeVar("T")


class ContentInvalid(ValueError):
    """The content says something that cannot be; the message names the place."""


class Table:
    """One TOML table that knows its place, refuses what is missing and notices what nobody read."""

    def __init__(self, place: str, values: Mapping[str, Any]) -> None:
        self.place, self._values, self._read = place, values, set[str]()

    def get(self, key: str, kind: type[T], default: T | None = None) -> T:
        """Read a value of that type; without a default it must be there."""
        self._read.add(key)
        value = self._values.get(key, default)
        if not isinstance(value, kind):
            raise ContentInvalid(f"{self.place}: “{key}” must be {kind.__name__}, not {value!r}.")
        return value

    def maybe(self, key: str, kind: type[T]) -> T | None:
        """Read a value that may be missing."""
        self._read.add(key)
        return self.get(key, kind) if key in self._values else None

    def texts(self, key: str, *, needed: bool = True) -> Texts:
        """Read a text in all languages; empty when it may be missing and is."""
        found = self.get(key, dict, None if needed else {})
        if (found and set(found) != set(LANGUAGES)) or not all(str(text).strip() for text in found.values()):
            raise ContentInvalid(f"{self.place}: “{key}” must be written in {', '.join(LANGUAGES)}.")
        return {lang: str(text).strip() for lang, text in found.items()}

    def tables(self, key: str) -> Iterator["Table"]:
        """Read an array of tables, each named by its slug, its kind or its number."""
        for number, values in enumerate(self.get(key, list, []), 1):
            name = values.get("slug") or values.get("kind") or values.get("name") or values.get("id")
            yield Table(f"{self.place} › {key} {number} ({name})", values)

    def table(self, key: str) -> "Table":
        return Table(f"{self.place} › {key}", self.get(key, dict))

    def strings(self, key: str) -> tuple[str, ...]:
        return tuple(str(one) for one in self.get(key, list, []))

    def finish(self) -> None:
        """Refuse keys that nothing has read: they are misspelt."""
        if extra := sorted(set(self._values) - self._read):
            raise ContentInvalid(f"{self.place}: nobody knows “{', '.join(extra)}”.")
