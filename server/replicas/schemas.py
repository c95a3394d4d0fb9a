"""The API of sync as OpenAPI shows it. What the fields mean is in `sync/README.md`."""

from typing import Any, Literal

from flask_openapi3.models import RawModel
from pydantic import BaseModel, Field

from server.replicas.blobs import PICTURES, SOUNDS
from sync.messages import MAX_EVENTS

UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


class SyncHeaders(BaseModel):
    sync_proto: str = Field(default="", alias="Sync-Proto", description="Version of the protocol: 1")
    sync_signature: str = Field(
        default="", alias="Sync-Signature", description="base64url of the device's signature over the body"
    )


class SignedEvent(BaseModel):
    p: str = Field(description="base64url of the event's JSON")
    s: str = Field(description="base64url of the P-256 signature (r ‖ s) over that JSON's bytes")


class SyncRequest(BaseModel):
    device: str = Field(pattern=UUID)
    learner: str = Field(pattern=UUID)
    epoch: str | None = None
    events: list[SignedEvent] = Field(default=[], max_length=MAX_EVENTS)
    cursors: dict[str, int] = Field(default={}, description="feed → last `ver` that this phone has applied")
    limit: int = Field(default=500, ge=1, le=10_000)


class SyncResult(BaseModel):
    id: str
    state: Literal["ok", "dup", "rejected", "hold", "later"]
    durable: bool
    why: str = ""
    effect: dict[str, Any] = Field(
        default={}, description="with `chain_broken`: `{seq, prev}`, where the chain ends"
    )
    verdict: str = Field(default="", description="with `dup`: the first verdict")
    retry_s: int = 0
    appeal: bool = False


class FeedRow(BaseModel):
    ver: int
    key: str
    op: Literal["put", "del"]
    row: dict[str, Any] = {}


class FeedPage(BaseModel):
    rows: list[FeedRow]
    next: int
    more: bool
    reset: bool = Field(default=False, description="forget the whole feed and begin with these rows")


class Hole(BaseModel):
    device: str
    seq: tuple[int, int]


class Anchor(BaseModel):
    id: str
    at: int


class SyncReply(BaseModel):
    epoch: str
    now: int
    anchor: Anchor
    results: list[SyncResult]
    feeds: dict[str, FeedPage]
    missing: list[Hole]
    want_blobs: list[str]
    next_s: int
    learner: str = Field(default="", description="whose device this is by now, when not whom the batch named")


class BlobPath(BaseModel):
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class BlobHeaders(BaseModel):
    sync_device: str = Field(default="", alias="Sync-Device")
    sync_signature: str = Field(
        default="", alias="Sync-Signature", description="over `{METHOD} {path} {offset}` in UTF-8"
    )
    upload_offset: int = Field(default=0, alias="Upload-Offset", ge=0)
    upload_length: int = Field(default=0, alias="Upload-Length", ge=0)


class BlobContent(RawModel):
    mimetypes = ["application/octet-stream", *sorted(PICTURES | SOUNDS)]
