"""A playlist's bundle as OpenAPI shows it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class BundlePath(BaseModel):
    playlist_id: str = Field(description="The playlist's id")


class BundleQuery(BaseModel):
    lang: str = Field("en", description="Language of pages and tasks")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BundlePlaylist(_Part):
    id: str
    slug: str
    title: str
    url: str
    picture: str | None


class BundleFile(_Part):
    url: str
    sha256: str
    size: int = Field(description="bytes")


class BundleMedia(BundleFile):
    mime: str


class BundleRules(_Part):
    order: Literal["any", "fixed"]
    required: list[str]
    choose: int = Field(description="how many of `from`")
    from_: list[str] = Field(alias="from")


class TaskOption(_Part):
    id: str
    text: str


class BundleTask(_Part):
    id: str
    kind: Literal["checkin", "choice", "choices", "number", "text", "photo", "audio"]
    prompt: str
    hint: str | None
    required: bool
    options: list[TaskOption]
    unit: str | None
    step: str | None
    salt: str
    accept: list[str] | None = Field(
        description="hex SHA-256(salt ‖ ':' ‖ canonical answer) of each right answer; null when the server decides"
    )
    max_length: int | None


class BundleActivity(_Part):
    id: str
    slug: str
    title: str
    url: str
    picture: str | None
    minutes: int
    required: bool
    signal: bool
    tasks: list[BundleTask]


class BundlePlace(_Part):
    lat: float = Field(description="degrees")
    lon: float
    radius: float = Field(description="metres around it")


class BundleSession(_Part):
    """An activity at a time. Past ones are left out a day later."""

    id: str
    activity: str
    starts: int = Field(description="Unix milliseconds")
    ends: int = Field(description="Unix milliseconds")
    capacity: int | None = Field(description="null: as many as come")
    place: str | None = Field(description="null: the activity's own")
    cancelled: bool
    reason: str | None = Field(description="why it is cancelled")
    point: str = Field(description="where its codes lead")


class BundleCode(_Part):
    point: str
    activity: str
    occurrence: str | None = Field(description="the session whose code it is; null: the stop's own")
    level: int
    window: list[int | None] | None = Field(description="opening and closing in Unix seconds")
    commitment: str | None = Field(description="null at levels 0 and 3, where a phone cannot know the code")
    hint: str = Field(description="how all typed forms of the point begin")
    place: BundlePlace | None = Field(None, description="where it counts; absent when it counts anywhere")


class BundleKey(_Part):
    issuer: str
    did: str
    multibase: str


class BundleAchievement(_Part):
    id: str
    name: str
    description: str
    image: str


class BundleContent(_Part):
    playlist: BundlePlaylist
    version: str = Field(description="the ETag")
    lang: str
    valid_until: str
    size: int = Field(description="bytes of all pages and media")
    pages: list[BundleFile]
    media: list[BundleMedia]
    rules: BundleRules
    activities: list[BundleActivity]
    sessions: list[BundleSession]
    codes: list[BundleCode]
    keys: list[BundleKey]
    achievement: BundleAchievement | None
