"""Signing keys in HashiCorp Vault: the transit engine keeps them and signs; we only ever see public halves.

`STREETWISE_SIGNER=vault://host:8200/transit` (`vault+http://` for one on this machine) names the engine. Its API:
https://developer.hashicorp.com/vault/api-docs/secret/transit
"""

import base64
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from server.badges import multikey
from server.badges.keys import SignerUnavailable
from server.core.errors import SettingInvalid

TIMEOUT_S = 3
PAUSE_S = 30
"""How long a vault that did not answer is left alone: whoever waits for a badge must not wait for it again."""
_SIGNATURE = re.compile(r"vault:v\d+:([A-Za-z0-9+/=]+)\Z")


@dataclass(frozen=True)
class VaultSigner:
    """Has messages signed by a key of the vault, many in one request."""

    method: str
    vault: "Vault"
    name: str
    multibase: str

    def sign(self, message: bytes) -> bytes:
        return self.sign_many([message])[0]

    def sign_many(self, messages: Sequence[bytes]) -> list[bytes]:
        batch = [{"input": base64.b64encode(message).decode()} for message in messages]
        found = self.vault.ask("POST", f"sign/{self.name}", {"batch_input": batch}).get("batch_results")
        signed = [_signature(one) for one in found or ()]
        if len(signed) != len(messages):
            raise SignerUnavailable()
        return signed


class Vault:
    """One transit engine, spoken to with one token."""

    def __init__(self, address: str, token: str) -> None:
        """Raises SettingInvalid for an address that cannot be one."""
        parts = urlsplit(address)
        if parts.scheme not in ("vault", "vault+http") or not parts.hostname:
            raise SettingInvalid("STREETWISE_SIGNER must be empty or like vault://host:8200/transit.")
        self._kind = HTTPSConnection if parts.scheme == "vault" else HTTPConnection
        self._host, self._port = parts.hostname, parts.port or 8200
        self._path = parts.path.strip("/") or "transit"
        self._token, self._pause_until = token, 0.0

    def open(self, organiser_id: str, number: int, method: str) -> VaultSigner:
        """Find a key, or have it made if it is not there yet; making one that is there changes nothing."""
        name = f"streetwise-{organiser_id}-{number}"
        self.ask("POST", f"keys/{name}", {"type": "ed25519"})
        found = self.ask("GET", f"keys/{name}")
        try:
            raw = base64.b64decode(found["keys"][str(found["latest_version"])]["public_key"])
            public = Ed25519PublicKey.from_public_bytes(raw)
        except (KeyError, TypeError, ValueError) as error:
            raise SignerUnavailable() from error
        return VaultSigner(method, self, name, multikey.encode_key(public))

    def ask(self, verb: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask the engine and return its `data`. Raises SignerUnavailable, also for a while afterwards."""
        if time.monotonic() < self._pause_until:
            raise SignerUnavailable()
        connection = self._kind(self._host, self._port, timeout=TIMEOUT_S)
        try:
            connection.request(
                verb, f"/v1/{self._path}/{path}", json.dumps(body or {}), {"X-Vault-Token": self._token}
            )
            answer = connection.getresponse()
            content = answer.read()
            if answer.status not in (200, 204):
                raise SignerUnavailable(status=answer.status)
            data = (json.loads(content or b"{}") or {}).get("data") or {}
        except (OSError, HTTPException, ValueError, AttributeError, SignerUnavailable) as error:
            self._pause_until = time.monotonic() + PAUSE_S
            raise SignerUnavailable() from error
        finally:
            connection.close()
        return dict(data)


def _signature(result: Any) -> bytes:
    found = _SIGNATURE.match(result.get("signature") or "") if isinstance(result, dict) else None
    raw = base64.b64decode(found[1]) if found else b""
    if len(raw) != 64:
        raise SignerUnavailable()
    return raw
