"""The API of push messages as OpenAPI shows it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from server.core.i18n import LANGUAGES


class PushHeaders(BaseModel):
    sync_device: str = Field(default="", alias="Sync-Device")
    sync_signature: str = Field(
        default="",
        alias="Sync-Signature",
        description="by the learner's device, over the body, or over `{method} {path} 0` where there is none",
    )


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PushKey(_Part):
    key: str = Field(description="our public key (VAPID, RFC 8292): an uncompressed P-256 point, base64url")


class PushChoice(_Part):
    endpoint: str = Field(description="where the browser's push service takes messages", max_length=2000)
    p256dh: str = Field(description="the browser's public key, base64url", max_length=100)
    auth: str = Field(description="the browser's secret for us, base64url", max_length=30)
    lang: str = Field(pattern=f"^({'|'.join(LANGUAGES)})$")
    kinds: list[Literal["review", "award", "send"]] = Field(
        description="what to tell: work was looked at; a badge arrived; a file waits to be sent",
        min_length=1,
        max_length=3,
    )
