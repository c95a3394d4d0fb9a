"""The door's API as OpenAPI shows it. Times are in milliseconds since 1970, where nothing else is said."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from server.replicas.schemas import UUID


class DoorPath(BaseModel):
    occurrence: str = Field(pattern=UUID, description="the session's id")


class DoorHeaders(BaseModel):
    sync_device: str = Field(default="", alias="Sync-Device")
    sync_signature: str = Field(
        default="",
        alias="Sync-Signature",
        description="over `GET {path} 0` in UTF-8, by a device at this door",
    )


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DoorSession(_Part):
    id: str
    activity: str
    title: str
    place: str
    starts: int
    ends: int
    timezone: str
    capacity: int | None
    taken: int
    cancelled: bool


class DayKey(_Part):
    day: str = Field(description="a UTC date, such as 2026-11-26")
    key: str = Field(description="base64url of the 32 bytes that make that day's rotating codes")


class Entry(_Part):
    id: str
    learner: str | None = Field(description="null: a guest")
    devices: list[str] = Field(
        description="the learner's, by which a door knows a pass of theirs with no network"
    )
    event: str
    name: str
    picture: str
    way: Literal["pass", "tick", "guest", "receipt", "scan"]
    level: int | None = Field(description="of the check-in; null when there is none")
    at: int
    over: bool = Field(description="beyond the capacity, to be reviewed")
    state: Literal["in", "undone", "voided"]
    why: str = Field(description="why it was voided, in the organiser's words")
    by: str = Field(description="the door's device; empty when they came by their own scan")


class Expected(_Part):
    learner: str
    devices: list[str]
    name: str
    picture: str


class Link(_Part):
    id: str
    label: str
    role: Literal["organiser", "helper"]
    ends: int
    revoked: bool
    opened: bool = Field(description="some device has used it")


class Alarm(_Part):
    used: int = Field(description="how often a code of this session was used within an hour")
    far: int = Field(description="of these, from phones that know that they are not at its place")
    since: int
    why: Literal["far", "room", "usual"] = Field(description="what that is compared with")


class DoorContent(_Part):
    now: int
    occurrence: DoorSession
    role: Literal["organiser", "helper"]
    until: int = Field(description="when this device's link ends")
    point: str = Field(description="where the session's codes hang; empty when it has none")
    hint: str = Field(description="the first two characters of the point's typed forms")
    window: tuple[int, int] = Field(description="when the session's codes count, in Unix seconds")
    days: list[DayKey]
    entries: list[Entry]
    expected: list[Expected] = Field(description="who reserved and has not come")
    links: list[Link] = Field(description="of this door; empty for helpers")
    alarms: list[Alarm] = Field(description="codes of this session that seem to have leaked")
