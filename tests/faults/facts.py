"""What invariants are checked over: what the server holds, and what a test saw happen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sync.messages import Event
from sync.signatures import Key, Verify
from tests.faults.phone import Tablet


@dataclass(frozen=True, slots=True)
class Stored:
    """An event as the server has it."""

    event: Event
    state: str
    why: str
    received_at: int


@dataclass(frozen=True, slots=True)
class CheckIn:
    learner: str
    activity: str
    event: str
    time: str
    at: int


@dataclass(frozen=True, slots=True)
class Award:
    learner: str
    achievement: str
    proofs: tuple[str, ...]


@dataclass
class Facts:
    """Everything a server has committed. Events by (learner, id), feeds as key → (version, row or None)."""

    events: Mapping[tuple[str, str], Stored]
    feeds: Mapping[str, Mapping[str, tuple[int, Any]]]
    heads: Mapping[str, int]
    check_ins: list[CheckIn]
    awards: list[Award]
    evidence: set[str]
    withdrawn: set[tuple[str, str]]
    turned_down: set[tuple[str, str]]  # of which an organiser did not say that it is good
    files: set[tuple[str, str]]  # learner and hash of files that are whole and what they should be
    caps: Mapping[str, int]
    devices: Mapping[str, tuple[str, Key]]
    missing: Mapping[str, list[tuple[int, int]]]
    verify: Verify
    floors: Mapping[str, int] = field(default_factory=dict)  # of feeds that have forgotten something
    anchor_secret: bytes = b"anchor secret"


@dataclass(frozen=True, slots=True)
class Recorded:
    """Something a learner did. `true_at` is when it really was."""

    learner: str
    id: str
    device: str
    seq: int
    p: str
    type: str
    true_at: int


UNENDING = ("poison.take", "choke.server")
"""Types of events that the server never takes."""


@dataclass
class Log:
    """What a test saw. Everything by (learner, event id) where nothing else is said."""

    recorded: dict[tuple[str, str], Recorded] = field(default_factory=dict)
    sealed: set[str] = field(default_factory=set)  # payloads that their devices really signed
    durable: dict[tuple[str, str], str] = field(default_factory=dict)  # payloads the server said it keeps
    verdicts: dict[tuple[str, str], set[tuple[str, str]]] = field(default_factory=dict)
    delivered: set[tuple[str, str]] = field(
        default_factory=set
    )  # (device, event id): told durably to the phone
    gone: set[tuple[str, str]] = field(default_factory=set)  # what the test itself took from a phone
    blocked: list[str] = field(default_factory=list)  # events put off by another's fault
    torn: list[str] = field(default_factory=list)  # cursors that passed rows which are not there
    shrunk: list[str] = field(default_factory=list)  # items that left an outbox without a durable result
    lines: list[str] = field(default_factory=list)  # addresses and server logs
    secrets: set[str] = field(default_factory=set)
    windows: dict[str, Any] = field(default_factory=dict)  # by activity
    restored: bool = False
    phones: set[tuple[str, str]] = field(default_factory=set)  # learner and device that are really theirs
    tablets: list[Tablet] = field(default_factory=list)
