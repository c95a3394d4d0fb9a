"""Public addresses of an award's files, and of what Open Badges 2.0 reads."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, make_response, request

from server.badges import baking, drawing, services, stating
from server.badges.formats import jwt, ob2, svg, token_keys
from server.badges.models import Award
from server.badges.signing import fingerprint
from server.core.db import db, writing
from server.core.errors import DomainError, NotFound
from server.core.limits import limiter
from server.core.roles import PUBLIC, needs
from server.core.security import DRAWING_POLICY
from server.organisers.models import Organiser

files = Blueprint("formats", __name__)
JSON_LD = "application/ld+json"


@files.get("/credentials/<credential_id>.svg")
@needs(PUBLIC)
def download_svg(credential_id: str) -> Response:
    """Serve the badge's drawing with the credential inside; opened by itself it can only draw."""
    award = services.find_credential(credential_id)
    picture = svg.bake(drawing.badge_svg(services.design(award.achievement)), award.signed)
    response = open_file(picture, "image/svg+xml")
    response.headers["Content-Security-Policy"] = DRAWING_POLICY
    response.headers["Content-Disposition"] = 'inline; filename="badge.svg"'
    return response


@files.get("/credentials/<credential_id>.jwt")
@limiter.limit("120 per minute")
@needs(PUBLIC)
def download_token(credential_id: str) -> Response:
    """Serve the credential as a token."""
    return open_file(token_of(services.find_credential(credential_id)).encode(), "text/plain; charset=utf-8")


def token_of(award: Award) -> str:
    """Sign the stored credential as a token."""
    return sign_token(json.loads(award.signed))


def sign_token(document: Mapping[str, Any]) -> str:
    """Sign a credential of ours as a token. The issuer's RSA key is made with its first one."""
    organiser_id = str(document["issuer"]["id"]).rpartition(":")[2]
    row = token_keys.ready_token_key(db.session(), organiser_id)
    number = row.number if row else _make_token_key(organiser_id)
    key = token_keys.open_token_key(organiser_id, number)
    return jwt.make_token(document, key, token_keys.key_address(organiser_id, number))


def _make_token_key(organiser_id: str) -> int:
    with writing() as session:
        return token_keys.ensure_token_key(session.get_one(Organiser, organiser_id)).number


@files.get("/orgs/<organiser_id>/keys/<int:number>.jwk")
@needs(PUBLIC)
def show_token_key(organiser_id: str, number: int) -> Response:
    """Serve the public key that a token names."""
    return open_json(
        token_keys.find_jwk(db.session(), organiser_id, number), "application/jwk+json", seconds=300
    )


@files.get("/ob2/assertions/<credential_id>")
@needs(PUBLIC)
def show_assertion(credential_id: str) -> Response:
    """Serve the assertion, or say with 410 that it holds no more: validators look at the status first."""
    award = services.find_kept(credential_id)
    if award.revoked_at or award.erased:
        response = open_json(ob2.revoked(award, "" if _is_hidden(award) else award.reason))
        response.status_code = 410
        return response
    award = services.find_credential(credential_id)
    return open_json(ob2.assertion(award, stating.signed_language(award.achievement)))


def _is_hidden(award: Award) -> bool:
    """Say whether its holder keeps it to themselves; then others learn only that it holds no more."""
    try:
        services.check_seen(award)
    except DomainError:
        return True
    return False


@files.get("/ob2/badges/<achievement_id>")
@needs(PUBLIC)
def show_badge_class(achievement_id: str) -> Response:
    achievement = services.find_achievement(achievement_id)
    return open_json(ob2.badge_class(achievement, stating.signed_language(achievement)))


@files.get("/ob2/issuers/<organiser_id>")
@needs(PUBLIC)
def show_issuer(organiser_id: str) -> Response:
    organiser = db.session.get(Organiser, organiser_id)
    if organiser is None:
        raise NotFound()
    return open_json(ob2.issuer(organiser, organiser.city.languages[0]))


def baked_png(award: Award) -> bytes:
    """Draw the badge with the credential inside, and the 2.0 assertion for older readers."""
    language = stating.signed_language(award.achievement)
    picture = drawing.badge_png(services.design(award.achievement))
    older = json.dumps(ob2.assertion(award, language), ensure_ascii=False, separators=(",", ":"))
    return baking.bake(picture, award.signed, older.encode())


def open_json(document: Mapping[str, Any], kind: str = JSON_LD, seconds: int = 0) -> Response:
    content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return open_file(content, kind, seconds=seconds)


def open_file(content: bytes, kind: str, *, seconds: int = 0) -> Response:
    """Serve to any site's wallet or verifier, unlisted; caches ask us whether it still holds."""
    response = make_response(content)
    response.headers["Content-Type"] = kind
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = f"public, max-age={seconds}" + (
        "" if seconds else ", must-revalidate"
    )
    response.set_etag(fingerprint(content))
    response.make_conditional(request)
    return response
