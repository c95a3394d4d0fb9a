"""The phone's part of the wallets' API as OpenAPI shows it. Times are in milliseconds since 1970."""

from pydantic import BaseModel, ConfigDict, Field

from server.replicas.schemas import UUID


class WalletHeaders(BaseModel):
    sync_device: str = Field(default="", alias="Sync-Device")
    sync_signature: str = Field(
        default="",
        alias="Sync-Signature",
        description="by the learner's device, over the body, or over `{method} {path} 0` where there is none",
    )


class WalletPath(BaseModel):
    wallet: str = Field(pattern=UUID, description="the permission's id")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Decision(_Part):
    asked: dict[str, str] = Field(description="the wallet's request, as its parameters came", max_length=20)
    allowed: bool
    awards: list[str] | None = Field(
        default=None, max_length=1000, description="ids of badges; null: all of them, and those to come"
    )


class Next(_Part):
    url: str = Field(description="where the browser goes now")


class AllowedWallet(_Part):
    id: str
    name: str
    uri: str
    scopes: list[str]
    awards: list[str] | None
    since: int
    used: int | None


class AllowedWallets(_Part):
    wallets: list[AllowedWallet]
