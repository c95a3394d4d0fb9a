"""Settings: one frozen dataclass, read from the environment, with a working default for every field."""

import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from limits import parse_many

from server.core.errors import SettingInvalid

_DATABASES = ("postgresql", "postgres", "postgresql+psycopg", "sqlite")


def _setting(default: Any, help: str) -> Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True)
class Config:
    """Everything that can be set. The variable is the field's name in capitals, after `STREETWISE_`."""

    instance: Path = _setting(Path("instance"), "Folder for database, files, secrets and keys.")
    database_url: str = _setting("", "PostgreSQL address; empty means SQLite in the instance folder.")
    redis_url: str = _setting("", "Redis address for shared rate limits; empty means memory.")
    s3_bucket: str = _setting("", "S3 bucket for files; empty means the instance folder.")
    s3_endpoint: str = _setting("", "Address of an S3-compatible store, when it is not Amazon's.")
    base_url: str = _setting(
        "http://localhost:8000", "Public address, as printed in QR codes and signed in badges."
    )
    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(8000, "Port to listen on.")
    workers: int = _setting(2, "Web worker processes.")
    threads: int = _setting(4, "Threads a worker.")
    clock: bool = _setting(True, "Also do what is due beside serving; the clock is a process of its own.")
    trusted_proxies: int = _setting(0, "Reverse proxies in front whose X-Forwarded headers are believed.")
    max_offline_hours: int = _setting(
        72, "How long after a code's window a check-in made offline may arrive."
    )
    max_blob_mb: int = _setting(20, "Largest piece of evidence, in megabytes.")
    learner_quota_mb: int = _setting(500, "Most that one learner's evidence files may take, in megabytes.")
    device_rate: str = _setting("600 per minute", "New devices from one address: a festival's Wi-Fi has one.")
    typed_rate: str = _setting("10 per minute;60 per hour", "Typed codes tried from one address.")
    signer: str = _setting(
        "", "Vault that keeps the signing keys, like vault://host:8200/transit; empty means encrypted files."
    )
    signer_token: str = _setting("", "Token for that vault. Nothing here renews it.")
    verify_fetch: bool = _setting(
        False, "Let the badge check read other issuers' keys and lists from their public https addresses."
    )
    smtp_url: str = _setting(
        "",
        "Mail server, like smtp://user:password@host:587 (STARTTLS) or smtps://…:465; empty means files in mail/.",
    )
    mail_from: str = _setting("", "Sender of mails; empty means no-reply at the public address.")
    mail_rate: str = _setting("3 per 10 minutes;10 per day", "Mails to one address that somebody asked for.")
    enter_rate: str = _setting(
        "20 per minute;200 per hour", "Passkeys and recovery words tried from one address."
    )
    second_factor: str = _setting(
        "required", "Second factor of owners and the city's team: required or offered."
    )
    push_contact: str = _setting(
        "", "Mail address that push services may write to (VAPID); empty means mail_from."
    )
    dev: bool = _setting(False, "Reload templates and show errors; never for the public.")

    @classmethod
    def from_environment(cls, environ: dict[str, str] | None = None) -> Self:
        """Read the settings. Raises SettingInvalid naming the variable that cannot be read."""
        environ = dict(os.environ) if environ is None else environ
        values: dict[str, Any] = {}
        for one in fields(cls):
            variable = "STREETWISE_" + one.name.upper()
            if environ.get(variable, "") != "":
                values[one.name] = _read(variable, environ[variable], type(one.default))
        for plain in ("database_url", "redis_url"):  # the names hosting platforms set
            if plain not in values and environ.get(plain.upper()):
                values[plain] = environ[plain.upper()]
        if "port" in values and "base_url" not in values:  # tried out beside another: links lead here
            values["base_url"] = f"http://localhost:{values['port']}"
        config = cls(**values)
        config.check()
        return config

    def check(self) -> None:
        """Raise SettingInvalid for what reads well and cannot work."""
        address = urlsplit(self.base_url)
        if address.scheme not in ("http", "https") or not address.netloc or address.path.strip("/"):
            raise SettingInvalid(
                "STREETWISE_BASE_URL must be like https://learn.example, with nothing behind."
            )
        if self.database_url and self.database_url.partition(":")[0] not in _DATABASES:
            raise SettingInvalid("STREETWISE_DATABASE_URL must be like postgresql://user:password@host/name.")
        if self.signer and not self.signer.startswith(("vault://", "vault+http://")):
            raise SettingInvalid("STREETWISE_SIGNER must be like vault://host:8200/transit.")
        for name in ("device_rate", "typed_rate", "mail_rate", "enter_rate"):
            try:
                parse_many(getattr(self, name))
            except ValueError as error:
                raise SettingInvalid(f"STREETWISE_{name.upper()} must be like “10 per minute”.") from error
        if self.smtp_url and not self.smtp_url.startswith(("smtp://", "smtps://")):
            raise SettingInvalid("STREETWISE_SMTP_URL must be like smtp://user:password@host:587.")
        if self.second_factor not in ("required", "offered"):
            raise SettingInvalid("STREETWISE_SECOND_FACTOR must be required or offered.")
        for name in ("port", "workers", "threads"):
            if getattr(self, name) < 1:
                raise SettingInvalid(f"STREETWISE_{name.upper()} must be at least 1.")

    @property
    def sqlalchemy_url(self) -> str:
        """The address as SQLAlchemy wants it: psycopg 3 for PostgreSQL, a file in the instance otherwise."""
        if not self.database_url:
            return f"sqlite:///{(self.instance / 'streetwise.sqlite3').resolve()}"
        scheme, _, rest = self.database_url.partition("://")
        return f"postgresql+psycopg://{rest}" if scheme in ("postgres", "postgresql") else self.database_url

    @property
    def public_host(self) -> str:
        """Host (and port) of the public address: `localhost:8000`."""
        return self.base_url.split("://", 1)[1].rstrip("/")

    @property
    def secure(self) -> bool:
        return self.base_url.startswith("https://")


def _read(variable: str, value: str, kind: type) -> Any:
    if kind is bool:
        return value.lower() in ("1", "true", "yes", "on")
    try:
        return kind(value)
    except ValueError as error:
        raise SettingInvalid(f"{variable} must be a number, not “{value}”.") from error
