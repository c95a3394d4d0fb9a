"""The messages of Sync 1 as frozen dataclasses: events, batches, verdicts, results, replies."""

import base64
import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

PROTOCOL = "1"
MAX_EVENTS = 50
MAX_BYTES = 256 * 1024
MAX_ROWS = 500
"""Most feed rows a reply carries of one feed, whatever the phone asks for."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TYPE = re.compile(r"[a-z]{2,20}\.[a-z]{2,20}")
FAR = 253_402_300_799_000
"""The last moment that a message may name: the year 9999, in milliseconds."""


class Malformed(ValueError):
    """A message is not of the expected form: `where` is a path into it, `why` a short reason in English."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}" if where else why)
        self.where, self.why = where, why


def encode(content: bytes) -> str:
    """Write bytes as base64url without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decode(text: str, where: str = "") -> bytes:
    """Read base64url without padding. Only the one canonical spelling of some bytes is accepted."""
    try:
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise Malformed(where, "is not base64url without padding") from error
    if encode(content) != text:  # so every other character, which the decoder skips, is noticed too
        raise Malformed(where, "is not the canonical base64url of its bytes")
    return content


def digest(payload: str) -> str:
    """Return what the next event of a chain says in `prev`: base64url SHA-256 of the string `p` itself."""
    return encode(hashlib.sha256(payload.encode()).digest())


@dataclass(frozen=True, slots=True)
class Signed:
    """An event as it travels and is stored for ever: payload and signature, both base64url."""

    p: str
    s: str

    def to_json(self) -> dict[str, str]:
        return {"p": self.p, "s": self.s}


@dataclass(frozen=True, slots=True)
class At:
    """When the phone says it happened. `wall` is milliseconds since 1970, `tz` minutes east of UTC."""

    wall: int
    mono: float
    boot: str
    tz: int
    anchor: str | None


@dataclass(frozen=True, slots=True)
class BlobRef:
    """A file that an event names; it is uploaded on its own."""

    sha256: str
    size: int
    mime: str


@dataclass(frozen=True, slots=True)
class Event:
    """One thing a learner did, as its device signed it. `signed` holds the bytes it was read from."""

    id: str
    learner: str
    device: str
    seq: int
    prev: str
    type: str
    tv: int
    at: At
    body: Mapping[str, Any]
    blobs: tuple[BlobRef, ...]
    needs: tuple[str, ...]
    signed: Signed

    @classmethod
    def read(cls, signed: Signed) -> Self:
        """Read the payload. Raises Malformed; says nothing about the signature."""
        fields = _Fields(_parse(decode(signed.p, "p"), "p"), "")
        if fields.whole("v", 1, 1000) != 1:
            raise Malformed("v", "is a version this server does not know")
        return cls(
            id=fields.uuid("id"),
            learner=fields.uuid("learner"),
            device=fields.uuid("device"),
            seq=fields.whole("seq", 1, 2**31 - 1),
            prev=fields.text("prev", 43),
            type=fields.match("type", _TYPE, "is not of the form noun.verb"),
            tv=fields.whole("tv", 1, 1000),
            at=_read_at(fields.inner("at")),
            body=fields.inner("body").content,
            blobs=tuple(_read_blob(one) for one in fields.inners("blobs", 10)),
            needs=tuple(fields.uuids("needs", 20)),
            signed=signed,
        )

    def count_for(self, learner: str) -> "Event":
        """Return the event as one of this learner, for whom the one it names stands by now; its bytes stay."""
        return replace(self, learner=learner) if learner not in ("", self.learner) else self


@dataclass(frozen=True, slots=True)
class Batch:
    """What a phone sends: up to 50 events, and how far it has read each of its feeds."""

    device: str
    learner: str
    epoch: str | None
    events: tuple[Signed, ...]
    cursors: Mapping[str, int]
    limit: int

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read a request's body. Raises Malformed, also when a limit is passed."""
        if len(raw) > MAX_BYTES:
            raise Malformed("", f"is larger than {MAX_BYTES} bytes")
        return cls.from_json(_parse(raw, ""))

    @classmethod
    def from_json(cls, content: object) -> Self:
        fields = _Fields(content, "")
        events = fields.inners("events", MAX_EVENTS)
        return cls(
            device=fields.uuid("device"),
            learner=fields.uuid("learner"),
            epoch=fields.text("epoch", 40) if fields.content.get("epoch") is not None else None,
            events=tuple(Signed(one.text("p", MAX_BYTES), one.text("s", 200)) for one in events),
            cursors=_read_cursors(fields.content.get("cursors", {})),
            limit=fields.whole("limit", 1, 10_000) if "limit" in fields.content else MAX_ROWS,
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the server decided about an event, as it is stored: ok, hold or rejected."""

    state: str
    why: str = ""
    effect: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to one event of a batch. Results stand in the order of the events.

    `durable` means that the answer stands for ever, but that `hold` ends through the feed. `dup` carries
    the first verdict in `verdict`, with its `why` and `effect`.
    """

    id: str
    state: str
    why: str = ""
    effect: Mapping[str, Any] = field(default_factory=dict)
    verdict: str = ""
    retry_s: int = 0

    @property
    def durable(self) -> bool:
        return self.state != "later"

    def to_json(self) -> dict[str, Any]:
        """Write it for the wire; what is empty is left out."""
        json: dict[str, Any] = {"id": self.id, "state": self.state, "durable": self.durable}
        optional = {"why": self.why, "effect": self.effect, "verdict": self.verdict, "retry_s": self.retry_s}
        json.update({name: value for name, value in optional.items() if value})
        if "rejected" in (self.state, self.verdict):
            json["appeal"] = True
        return json


@dataclass(frozen=True, slots=True)
class Row:
    """The state of one key in a feed. Without `row` it is a tombstone."""

    feed: str
    key: str
    row: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Page:
    """What is new in a feed. With `reset` the phone forgets what it has of it and starts from these rows."""

    rows: Sequence[Mapping[str, Any]]
    next: int
    more: bool
    reset: bool = False

    def to_json(self) -> dict[str, Any]:
        json: dict[str, Any] = {"rows": list(self.rows), "next": self.next, "more": self.more}
        return {**json, "reset": True} if self.reset else json


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answers to a batch."""

    epoch: str
    now: int
    anchor: Mapping[str, Any]
    results: Sequence[Result]
    feeds: Mapping[str, Page]
    missing: Sequence[tuple[str, tuple[int, int]]] = ()
    want_blobs: Sequence[str] = ()
    next_s: int = 300
    learner: str = ""  # whose device this is by now, when it is not whom the batch named

    def to_json(self) -> dict[str, Any]:
        now = {"learner": self.learner} if self.learner else {}
        return {
            "epoch": self.epoch,
            "now": self.now,
            "anchor": dict(self.anchor),
            "results": [one.to_json() for one in self.results],
            "feeds": {name: page.to_json() for name, page in self.feeds.items()},
            "missing": [{"device": device, "seq": list(hole)} for device, hole in self.missing],
            "want_blobs": list(self.want_blobs),
            "next_s": self.next_s,
            **now,
        }


class _Fields:
    """A JSON object, read field by field; complains with the path of what is wrong."""

    def __init__(self, content: object, path: str) -> None:
        if not isinstance(content, dict):
            raise Malformed(path, "is not an object")
        self.content: dict[str, Any] = content
        self._path = path

    def where(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def whole(self, name: str, least: int, most: int) -> int:
        value = self.content.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise Malformed(self.where(name), "is not a whole number")
        if not least <= value <= most:
            raise Malformed(self.where(name), f"is not between {least} and {most}")
        return value

    def number(self, name: str) -> float:
        value = self.content.get(name)
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            raise Malformed(self.where(name), "is not a number")
        return float(value)

    def text(self, name: str, most: int) -> str:
        value = self.content.get(name)
        if not isinstance(value, str):
            raise Malformed(self.where(name), "is not a text")
        if len(value) > most:
            raise Malformed(self.where(name), f"is longer than {most}")
        return value

    def match(self, name: str, form: re.Pattern[str], why: str) -> str:
        value = self.text(name, 100)
        if not form.fullmatch(value):
            raise Malformed(self.where(name), why)
        return value

    def uuid(self, name: str) -> str:
        return self.match(name, _UUID, "is not a UUID in lower case")

    def _list(self, name: str, most: int) -> list[Any]:
        value = self.content.get(name, [])
        if not isinstance(value, list):
            raise Malformed(self.where(name), "is not a list")
        if len(value) > most:
            raise Malformed(self.where(name), f"has more than {most} items")
        return value

    def uuids(self, name: str, most: int) -> list[str]:
        values = self._list(name, most)
        for value in values:
            if not isinstance(value, str) or not _UUID.fullmatch(value):
                raise Malformed(self.where(name), "holds something else than a UUID in lower case")
        return values

    def inner(self, name: str) -> "_Fields":
        return _Fields(self.content.get(name), self.where(name))

    def inners(self, name: str, most: int) -> list["_Fields"]:
        return [_Fields(one, f"{self.where(name)}.{n}") for n, one in enumerate(self._list(name, most))]


def _read_at(fields: _Fields) -> At:
    anchor = fields.content.get("anchor")
    return At(
        wall=fields.whole("wall", 0, FAR),
        mono=fields.number("mono"),
        boot=fields.text("boot", 40),
        tz=fields.whole("tz", -16 * 60, 16 * 60),
        anchor=fields.text("anchor", 100) if anchor is not None else None,
    )


def _read_blob(fields: _Fields) -> BlobRef:
    return BlobRef(
        sha256=fields.match("sha256", _SHA256, "is not a SHA-256 in lower-case hex"),
        size=fields.whole("size", 1, 2**40),
        mime=fields.text("mime", 60),
    )


def _read_cursors(content: object) -> dict[str, int]:
    fields = _Fields(content, "cursors")
    if len(fields.content) > 20:
        raise Malformed("cursors", "has more than 20 items")
    return {name: fields.whole(name, 0, 2**53) for name in fields.content}


def _parse(raw: bytes, where: str) -> object:
    try:
        return json.loads(raw.decode(), parse_constant=_no_constant, object_pairs_hook=_no_twins)
    except Malformed as error:
        raise Malformed(where, error.why) from error
    except (ValueError, RecursionError) as error:  # also numbers longer than Python reads
        raise Malformed(where, "is not UTF-8 JSON") from error


def _no_constant(name: str) -> float:
    raise Malformed("", f"holds {name}, which is not JSON")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that appears twice: readers disagree on which one counts."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("", "names a field twice")
    return found
