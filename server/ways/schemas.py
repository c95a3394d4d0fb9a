"""Ways back in as OpenAPI shows them. Times are ISO 8601, but for `until`: milliseconds since 1970."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from server.replicas.schemas import UUID

KIT_FORM = r"^[A-Za-z0-9_-]{22}$"
LINK_FORM = r"^[A-Za-z0-9_-]{32}$"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WayHeaders(BaseModel):
    sync_device: str = Field(default="", alias="Sync-Device")
    sync_signature: str = Field(
        default="",
        alias="Sync-Signature",
        description="over `{METHOD} {path} {SHA-256 of the body in hex}` in UTF-8",
    )


class MailPath(BaseModel):
    id: str = Field(pattern=UUID, description="the address's id")


class Asked(_Part):
    """What `navigator.credentials.get()` is asked (PublicKeyCredentialRequestOptionsJSON)."""

    challenge: str
    rpId: str
    timeout: int
    userVerification: str


class Shown(_Part):
    credential: dict[str, Any] = Field(description="AuthenticationResponseJSON")


class KitShown(_Part):
    secret: str = Field(pattern=KIT_FORM, description="base64url of the 16 bytes that the words stand for")


class MailAsked(_Part):
    address: str = Field(max_length=300)
    lang: str = Field(pattern="^[a-z]{2}$")


class MailTells(_Part):
    kinds: list[Literal["award", "review"]] = Field(
        description="what is mailed there: a badge arrived; work was looked at", max_length=2
    )


class LinkShown(_Part):
    token: str = Field(pattern=LINK_FORM)


class LinkOpened(LinkShown):
    learner: str | None = Field(default=None, pattern=UUID, description="the one chosen of several")


class Invited(_Part):
    """An invitation: the phone says hello as a device of this learner, with this secret."""

    learner: str
    secret: str
    until: int


class LearnerChoice(_Part):
    learner: str
    badges: int
    since: str
    seen: str | None


class Opened(_Part):
    entry: Invited | None
    choices: list[LearnerChoice] = Field(
        description="when the address is of several: ask again with one of them"
    )


class Confirmed(_Part):
    address: str = Field(description="shortened")


class OwnMail(_Part):
    id: str
    address: str
    confirmed: bool
    tells: list[str]
    created_at: str
    used_at: str | None


class OwnMails(_Part):
    mails: list[OwnMail]
