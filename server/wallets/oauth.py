"""The authorization server: OAuth 2.0 with PKCE S256 only, by Authlib. Secrets are kept as hashes.

A request that is not by TLS is refused, but on the person's own machine.
"""

from datetime import timedelta
from functools import cache
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload, OAuth2Request
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from sqlalchemy import select

from server.core.db import db, utc_now
from server.core.shell import absolute
from server.wallets import services
from server.wallets.clients import AUTH_METHODS, SCOPES, Registration, digest, find_wallet
from server.wallets.models import WalletCode, WalletGrant

CODE_LIVES = timedelta(minutes=10)
ACCESS_LIVES = timedelta(hours=1)


class Challenge(CodeChallenge):  # type: ignore[misc]
    """PKCE for every wallet, public or not, and never `plain`."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        asked = grant.request.payload.data
        if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
            raise InvalidRequestError("A 'code_challenge' with method 'S256' is needed.")
        super().validate_code_challenge(grant, redirect_uri)


class _Code:
    """A stored code, by the names Authlib calls it by."""

    def __init__(self, row: WalletCode) -> None:
        self.row = row
        self.code_challenge, self.code_challenge_method = row.challenge, "S256"

    def get_redirect_uri(self) -> str:
        return self.row.redirect_uri

    def get_scope(self) -> str:
        return self.row.scope


class _Grant:
    """A stored grant, by the names Authlib calls it by."""

    def __init__(self, row: WalletGrant) -> None:
        self.row = row

    def get_scope(self) -> str:
        return self.row.scope

    def check_client(self, client: Any) -> bool:
        return bool(client.client_id == self.row.client_id)


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = list(AUTH_METHODS)

    def save_authorization_code(self, code: str, request: Any) -> None:
        row = WalletCode(
            digest=digest(code),
            client_id=request.client.client_id,
            learner_id=request.user,
            redirect_uri=request.payload.redirect_uri,
            scope=request.scope,
            awards=request.awards,
            challenge=request.payload.data["code_challenge"],
            expires_at=utc_now() + CODE_LIVES,
        )
        db.session.add(row)
        db.session.flush()

    def query_authorization_code(self, code: str, client: Any) -> _Code | None:
        """Find a code that may be used. One that comes twice was stolen: what it gave ends (RFC 6749, 4.1.2)."""
        row = db.session.get(
            WalletCode, digest(code), with_for_update=True
        )  # two at once must not both get in
        if row is None or row.client_id != client.client_id or row.expires_at <= utc_now():
            return None
        if row.used_at:
            services.end_grants(db.session(), row.client_id, row.learner_id, utc_now())
            return None
        return _Code(row)

    def delete_authorization_code(self, authorization_code: _Code) -> None:
        authorization_code.row.used_at = utc_now()

    def authenticate_user(self, authorization_code: _Code) -> str:
        return authorization_code.row.learner_id


class RefreshGrant(RefreshTokenGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = list(AUTH_METHODS)
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> _Grant | None:
        query = (
            select(WalletGrant).where(WalletGrant.refresh_digest == digest(refresh_token)).with_for_update()
        )
        row = db.session.scalars(query).first()
        return _Grant(row) if row and services.may_refresh(row, utc_now()) else None

    def authenticate_user(self, refresh_token: _Grant) -> str:
        return refresh_token.row.learner_id

    def revoke_old_credential(self, refresh_token: _Grant) -> None:
        """Nothing to do: the new tokens took the place of the old ones."""


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    CLIENT_AUTH_METHODS = list(AUTH_METHODS)

    def query_token(self, token_string: str, token_type_hint: str | None) -> _Grant | None:
        known = digest(token_string)
        query = select(WalletGrant).where(
            (WalletGrant.access_digest == known) | (WalletGrant.refresh_digest == known)
        )
        row = db.session.scalars(query).first()
        return _Grant(row) if row else None

    def revoke_token(self, token: _Grant, request: Any) -> None:
        token.row.revoked_at = token.row.revoked_at or utc_now()


@cache
def server() -> AuthorizationServer:
    """Return the authorization server; it holds no state of its own."""
    made = AuthorizationServer(query_client=find_wallet, save_token=_save_token)
    seconds = int(ACCESS_LIVES.total_seconds())
    made.load_config(
        {
            "OAUTH2_SCOPES_SUPPORTED": list(SCOPES),
            "OAUTH2_REFRESH_TOKEN_GENERATOR": True,
            "OAUTH2_TOKEN_EXPIRES_IN": {"authorization_code": seconds, "refresh_token": seconds},
        }
    )
    made.register_grant(CodeGrant, [Challenge(required=True)])
    made.register_grant(RefreshGrant)
    made.register_endpoint(Revocation)
    made.register_endpoint(Registration)
    return made


def _save_token(token: dict[str, Any], request: Any) -> None:
    """Keep the hashes of what was given: in a new grant for a code, in the same one for a refresh."""
    now = utc_now()
    if hasattr(request, "authorization_code") and request.authorization_code:
        code = request.authorization_code.row
        services.end_grants(db.session(), code.client_id, code.learner_id, now)
        row = WalletGrant(
            client_id=code.client_id, learner_id=code.learner_id, awards=code.awards, created_at=now
        )
        db.session.add(row)
    else:
        row = request.refresh_token.row
        row.used_at = now
    row.scope = token["scope"]
    row.access_digest, row.access_expires_at = digest(token["access_token"]), now + ACCESS_LIVES
    row.refresh_digest = digest(token["refresh_token"]) if "refresh_token" in token else row.refresh_digest
    db.session.flush()


def answer(asked: dict[str, str], learner_id: str | None, awards: list[str] | None) -> str:
    """Answer a wallet's request that its learner has seen: return where the browser goes next, with a code or a no.

    The request is checked again as a whole. Raises OAuth2Error when it may not even be answered.
    """
    request = OAuth2Request("GET", absolute("/oauth/authorize"))
    request.payload, request.awards = BasicOAuth2Payload(asked), awards
    grant = server().get_authorization_grant(request)
    grant.validate_consent_request()
    response = server().create_authorization_response(request=request, grant_user=learner_id, grant=grant)
    return str(response.headers["Location"])
