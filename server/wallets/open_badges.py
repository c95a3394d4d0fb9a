"""The Open Badges 3.0 API for wallets that hold a token: their learner's badges, and who that is to them.

(Open Badges 3.0, section 6; errors as `Imsx_StatusInfo`.)
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, make_response, request

from server.badges.contexts import OPEN_BADGES
from server.core.db import db, utc_now
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.limits import limiter
from server.core.roles import PUBLIC, WALLET, needs
from server.core.shell import absolute
from server.wallets import services
from server.wallets.clients import AUTH_METHODS, GRANTS, READ_BADGES, READ_PROFILE, SCOPES
from server.wallets.models import WalletGrant

open_badges = Blueprint("open_badges", __name__)
BASE = "/ims/ob/v3p0"
_PAGE, _MOST = 50, 200
_RATE = "120 per minute"


class BadQuery(DomainError):
    """A parameter of the request is not what the standard says."""

    code = "invaliddata"

    def explain(self) -> str:
        return gettext("A parameter of this request cannot be read.")


@open_badges.errorhandler(DomainError)
def say_status(error: DomainError) -> Response:
    """Answer as the standard wants it, and tell a wallet without a token where to get one (RFC 6750)."""
    minor = {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": error.code}
    response = jsonify(
        imsx_codeMajor="failure",
        imsx_severity="error",
        imsx_description=str(error),
        imsx_codeMinor={"imsx_codeMinorField": [minor]},
    )
    response.status_code = error.status
    reason = {401: 'error="invalid_token"', 403: 'error="insufficient_scope"'}.get(error.status)
    if reason:
        response.headers["WWW-Authenticate"] = f"Bearer {reason}"
    return response


@open_badges.after_request
def open_to_programs(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Headers"] = "Authorization"
    response.headers["Access-Control-Expose-Headers"] = "Link, X-Total-Count, WWW-Authenticate"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _allowed(scope: str) -> Callable[[Callable[[WalletGrant], Response]], Callable[[], Response]]:
    """Let a view see only the grant of a token that covers this scope."""

    def guard(view: Callable[[WalletGrant], Response]) -> Callable[[], Response]:
        @wraps(view)
        def guarded() -> Response:
            kind, _, token = request.headers.get("Authorization", "").partition(" ")
            if kind.lower() != "bearer" or not token:
                raise services.TokenRefused()
            return view(services.find_grant(db.session(), token.strip(), scope, utc_now()))

        return guarded

    return guard


@open_badges.get(f"{BASE}/credentials")
@limiter.limit(_RATE)
@_allowed(READ_BADGES)
@needs(WALLET)
def badges(grant: WalletGrant) -> Response:
    """Send a page of the badges, each byte for byte as it was signed."""
    limit, offset, since = _number("limit", _PAGE, 1), _number("offset", 0, 0), _since()
    limit = min(limit, _MOST)
    found, total = services.badges_of(db.session(), grant, since, limit, offset)
    response = make_response(b'{"credential":[' + b",".join(found) + b'],"compactJwsString":[]}')
    response.mimetype = "application/json"
    response.headers["X-Total-Count"] = str(total)
    response.headers["Link"] = _links(limit, offset, total)
    return response


@open_badges.get(f"{BASE}/profile")
@limiter.limit(_RATE)
@_allowed(READ_PROFILE)
@needs(WALLET)
def profile(grant: WalletGrant) -> Response:
    """Send who the learner is to this wallet: a pseudonym, and nothing more."""
    return jsonify({"@context": [OPEN_BADGES], "id": services.pseudonym(grant), "type": ["Profile"]})


def _number(name: str, default: int, least: int) -> int:
    given = request.args.get(name)
    if given is None:
        return default
    if not (given.isascii() and given.isdigit() and len(given) < 10 and int(given) >= least):
        raise BadQuery()
    return int(given)


def _since() -> datetime | None:
    given = request.args.get("since")
    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(given.replace(" ", "+"))  # a plus that was not escaped
    except ValueError as error:
        raise BadQuery() from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _links(limit: int, offset: int, total: int) -> str:
    """Write where the other pages are (RFC 8288)."""
    last = max(0, (total - 1) // limit * limit)
    places = {"first": 0, "last": last}
    if offset + limit < total:
        places["next"] = offset + limit
    if offset > 0:
        places["prev"] = max(0, offset - limit)
    since = {"since": request.args["since"]} if "since" in request.args else {}
    return ", ".join(
        f'<{absolute(f"{BASE}/credentials")}?{urlencode({"limit": limit, "offset": at, **since})}>; rel="{rel}"'
        for rel, at in places.items()
    )


@open_badges.get(f"{BASE}/discovery")
@open_badges.get("/.well-known/openbadges-v3p0-discovery")
@needs(PUBLIC)
def discovery() -> Response:
    """Describe the service (section 6.3): where a wallet registers, asks, and reads."""
    flow = {
        "authorizationUrl": absolute("/oauth/authorize"),
        "tokenUrl": absolute("/oauth/token"),
        "refreshUrl": absolute("/oauth/token"),
        "scopes": {
            READ_BADGES: "Permission to read OpenBadgeCredentials for the authenticated entity.",
            READ_PROFILE: "Permission to read the profile for the authenticated entity.",
            "offline_access": "Permission to go on reading without asking again.",
        },
    }
    scheme = {
        "type": "oauth2",
        "x-imssf-registrationUrl": absolute("/oauth/register"),
        "flows": {"authorizationCode": flow},
    }
    response = jsonify(
        openapi="3.0.1",
        info={
            "title": "Streetwise",
            "version": "3.0",
            "termsOfService": absolute("/"),
            "x-imssf-privacyPolicyUrl": absolute("/"),
        },
        servers=[{"url": absolute(BASE)}],
        paths={
            "/credentials": {"get": _operation("getCredentials", READ_BADGES)},
            "/profile": {"get": _operation("getProfile", READ_PROFILE)},
        },
        components={"securitySchemes": {"OAuth2ACG": scheme}},
    )
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def _operation(name: str, scope: str) -> dict[str, Any]:
    return {
        "operationId": name,
        "security": [{"OAuth2ACG": [scope]}],
        "responses": {"200": {"description": "See Open Badges 3.0, section 6.2."}},
    }


@open_badges.get("/.well-known/oauth-authorization-server")
@needs(PUBLIC)
def metadata() -> Response:
    """Describe the authorization server (RFC 8414)."""
    response = jsonify(
        issuer=absolute(""),
        authorization_endpoint=absolute("/oauth/authorize"),
        token_endpoint=absolute("/oauth/token"),
        revocation_endpoint=absolute("/oauth/revoke"),
        registration_endpoint=absolute("/oauth/register"),
        scopes_supported=list(SCOPES),
        response_types_supported=["code"],
        grant_types_supported=list(GRANTS),
        code_challenge_methods_supported=["S256"],
        token_endpoint_auth_methods_supported=list(AUTH_METHODS),
        revocation_endpoint_auth_methods_supported=list(AUTH_METHODS),
    )
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
