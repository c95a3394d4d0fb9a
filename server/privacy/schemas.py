"""The API of one's own data as OpenAPI shows it. Times are in milliseconds since 1970."""

from pydantic import BaseModel, ConfigDict, Field

from server.replicas.schemas import UUID


class OwnHeaders(BaseModel):
    sync_device: str = Field(default="", alias="Sync-Device")
    sync_signature: str = Field(
        default="",
        alias="Sync-Signature",
        description="by the learner's device, over the body, or over `{method} {path} 0` where there is none",
    )


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Wish(_Part):
    lang: str = Field(pattern=r"^[a-z]{2}$", description="of the page in the copy")
    child: str | None = Field(default=None, pattern=UUID, description="a learner whom this one looks after")
    at: int = Field(description="now, by the phone: what is signed is for one moment")


class Given(_Part):
    what: str = Field(description="child, or what was chosen: mail, push")
    words: str = Field(description="as they were shown; a mail address, shortened; kinds of messages")
    given: int
    ended: int | None
    child: bool = Field(description="for somebody whom the learner looks after")
    guardian: bool = Field(description="by somebody who looks after the learner")


class Copy(_Part):
    id: str
    asked: int
    made: int | None
    size: int
    problem: str
    until: int
    url: str | None = Field(description="holds for ten minutes; null until the copy is made")


class Copies(_Part):
    exports: list[Copy]


class ChildPath(BaseModel):
    child: str = Field(pattern=UUID)


class OwnData(_Part):
    since: int
    counts: dict[str, int] = Field(description="rows by table")
    bytes: int = Field(description="of files")
    consents: list[Given]
    exports: list[Copy]
