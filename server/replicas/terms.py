"""What this server allows to those who sync with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app

from server.core.secrets import all_secrets


@dataclass(frozen=True, slots=True)
class Terms:
    """What the server allows, from its settings, and the host that was asked."""

    host: str
    max_offline_ms: int
    max_blob_bytes: int
    anchor_secrets: Sequence[bytes]
    may_guess: bool = True  # did this network name few enough codes that do not exist?


def read_terms(host: str, *, may_guess: bool = True) -> Terms:
    """Read the terms from this server's settings."""
    config = current_app.config["STREETWISE"]
    return Terms(
        host=host,
        max_offline_ms=config.max_offline_hours * 3_600_000,
        max_blob_bytes=config.max_blob_mb * 1024 * 1024,
        anchor_secrets=all_secrets("anchor"),
        may_guess=may_guess,
    )
