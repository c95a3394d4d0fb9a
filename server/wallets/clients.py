"""Wallets as they register (RFC 7591), and what Authlib asks of one."""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from authlib.oauth2.rfc7591 import ClientMetadataClaims, ClientRegistrationEndpoint
from joserfc.errors import InvalidClaimError

from server.core.db import db, new_id, utc_now
from server.core.text import clean
from server.wallets.models import WalletClient
from sync.messages import encode

SCOPE = "https://purl.imsglobal.org/spec/ob/v3p0/scope/"
READ_BADGES, READ_PROFILE = f"{SCOPE}credential.readonly", f"{SCOPE}profile.readonly"
SCOPES = (READ_BADGES, READ_PROFILE, "offline_access")
GRANTS = ("authorization_code", "refresh_token")
PUBLIC = "none"
AUTH_METHODS = ("client_secret_basic", "client_secret_post", PUBLIC)
_MOST_ADDRESSES, _LONGEST = 10, 500


def digest(secret: str) -> str:
    """Hash what only its holder may know, as it is kept: base64url of SHA-256."""
    return encode(sha256(secret.encode()).digest())


@dataclass(frozen=True)
class Wallet:
    """A registered wallet, by the names Authlib calls it by."""

    row: WalletClient

    @property
    def client_id(self) -> str:
        return self.row.id

    def get_client_id(self) -> str:
        return self.row.id

    def get_default_redirect_uri(self) -> None:
        return None  # a request must say where it wants to go

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Narrow a wish to what the wallet registered for; None when nothing is left of it."""
        allowed = self.row.metadata_["scope"].split()
        wanted = (scope or READ_BADGES).split()
        return " ".join(wanted) if wanted and set(wanted) <= set(allowed) else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Compare exactly: no pattern, no default port, no trailing slash."""
        return redirect_uri in self.row.metadata_["redirect_uris"]

    def check_client_secret(self, client_secret: str) -> bool:
        return hmac.compare_digest(self.row.secret_digest, digest(client_secret))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        registered: str = self.row.metadata_["token_endpoint_auth_method"]
        return method == registered

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.row.metadata_["grant_types"]


def find_wallet(client_id: str) -> Wallet | None:
    known = len(client_id) <= 36 and client_id.isprintable()
    row = db.session.get(WalletClient, client_id) if known else None
    return Wallet(row) if row else None


class Registered(ClientMetadataClaims):  # type: ignore[misc]
    """What a wallet says of itself, and what we take of it."""

    def validate(self, now: object = None, leeway: int = 0) -> None:
        self.setdefault("grant_types", ["authorization_code"])
        self.setdefault("response_types", ["code"])
        self.setdefault("token_endpoint_auth_method", AUTH_METHODS[0])
        self.setdefault("scope", READ_BADGES)
        self._check(
            "client_name", isinstance(self.get("client_name"), str) and _is_short(self["client_name"])
        )
        self["client_name"] = clean(self["client_name"]).strip()
        self._check("redirect_uris", are_safe(self.get("redirect_uris")))
        self._check("token_endpoint_auth_method", self["token_endpoint_auth_method"] in AUTH_METHODS)
        self._check(
            "grant_types", _are_some_of(self["grant_types"], GRANTS) and GRANTS[0] in self["grant_types"]
        )
        self._check("response_types", self["response_types"] == ["code"])
        self._check("scope", isinstance(self["scope"], str) and _are_some_of(self["scope"].split(), SCOPES))
        for name in ("client_uri", "logo_uri", "tos_uri", "policy_uri"):
            self._check(name, name not in self or is_web_address(self[name]))
        for name in ("contacts", "jwks", "jwks_uri"):
            self.pop(name, None)

    def _check(self, name: str, holds: bool) -> None:
        if not holds:
            raise InvalidClaimError(name)


class Registration(ClientRegistrationEndpoint):  # type: ignore[misc]
    """Takes in any wallet: it can do nothing before a learner allows it something."""

    def __init__(self, server: Any) -> None:
        super().__init__(server, [Registered])

    def authenticate_token(self, request: Any) -> bool:
        return True

    def get_server_metadata(self) -> None:
        return None

    def generate_client_id(self, request: Any) -> str:
        return new_id()

    def generate_client_info(self, request: Any) -> dict[str, Any]:
        """Make id and secret; a public wallet could keep no secret and gets none."""
        info: dict[str, Any] = super().generate_client_info(request)
        if request.payload.data.get("token_endpoint_auth_method") != PUBLIC:
            return info
        return {name: value for name, value in info.items() if not name.startswith("client_secret")}

    def save_client(
        self, client_info: dict[str, Any], client_metadata: dict[str, Any], request: Any
    ) -> Wallet:
        public = client_metadata["token_endpoint_auth_method"] == PUBLIC
        row = WalletClient(
            id=client_info["client_id"],
            secret_digest="" if public else digest(client_info["client_secret"]),
            metadata_=client_metadata,
            created_at=utc_now(),
        )
        db.session.add(row)
        db.session.flush()
        return Wallet(row)


def are_safe(addresses: object) -> bool:
    """Say whether a wallet may be answered at these addresses: by TLS, or on the person's own machine."""
    return (
        isinstance(addresses, list)
        and 0 < len(addresses) <= _MOST_ADDRESSES
        and all(is_web_address(one) or _is_loopback(one) for one in addresses)
    )


def is_web_address(address: object) -> bool:
    parts = _split(address)
    return parts is not None and parts.scheme == "https" and bool(parts.hostname)


def _is_loopback(address: object) -> bool:
    """RFC 8252, section 7.3: an app on the same machine."""
    parts = _split(address)
    if parts is None or parts.scheme != "http" or not parts.hostname:
        return False
    try:
        return ip_address(parts.hostname).is_loopback
    except ValueError:
        return False


def _split(address: object) -> Any:
    if (
        not isinstance(address, str)
        or not _is_short(address)
        or not address.isascii()
        or not address.isprintable()
    ):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return None if parts.fragment or parts.username or "\\" in address or " " in address else parts


def _is_short(text: str) -> bool:
    return 0 < len(text.strip()) <= _LONGEST


def _are_some_of(given: object, known: tuple[str, ...]) -> bool:
    return (
        isinstance(given, list)
        and bool(given)
        and all(isinstance(one, str) and one in known for one in given)
    )
