"""Pages of endorsements: what anyone can check, what an invited person writes, and the public page of an organiser."""

from typing import Any

from flask import Blueprint, Response, make_response, redirect, request
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from server.badges import verification
from server.badges.issuers import did
from server.badges.models import Achievement
from server.badges.resolver import OwnRecords
from server.badges.signing import fingerprint
from server.cities.current import current_city
from server.core.db import db, utc_now, writing
from server.core.errors import DomainError
from server.core.i18n import LANGUAGES, language
from server.core.limits import limiter
from server.core.roles import LINK, PUBLIC, needs
from server.core.shell import absolute, page, private_page
from server.endorsements import invitations, services
from server.endorsements.credential import byline
from server.endorsements.desk import desk
from server.endorsements.models import Endorsement
from server.endorsements.services import MOST, Words
from server.endorsements.targets import find_target
from server.organisers.models import Organiser
from server.organisers.services import find_organiser
from server.playlists.models import Playlist

routes = Blueprint("endorsements", __name__, template_folder="templates")
routes.register_blueprint(desk)
_LANG = f"<any({','.join(LANGUAGES)}):lang>"
_JSON = ("application/vc", "application/vc+ld+json", "application/ld+json", "application/json")


@routes.get("/endorsements/<credential_id>")
@needs(PUBLIC)
def show(credential_id: str) -> Response:
    """Answer people with a page, programs with the credential, at the same address."""
    said = services.find(db.session(), credential_id)
    wanted = request.accept_mimetypes.best_match(["text/html", *_JSON], "text/html")
    response = _page(said) if wanted == "text/html" else _file(said, wanted)
    response.vary.update(["Accept", "Accept-Language"])
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@routes.get("/endorsements/<credential_id>.json")
@needs(PUBLIC)
def download(credential_id: str) -> Response:
    """Serve the signed bytes as they were stored."""
    response = _file(services.find(db.session(), credential_id), "application/vc")
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _page(said: Endorsement) -> Response:
    if not said.signed:
        raise services.Forgotten()
    return page(
        "endorsements/endorsement.html",
        said=said,
        issuer=db.session.get_one(Organiser, said.issuer_id),
        target=services.target_of(db.session(), said),
        report=verification.verify(said.signed, OwnRecords(utc_now()), utc_now()),
        url=absolute(f"/endorsements/{said.credential_id}"),
    )


def _file(said: Endorsement, kind: str) -> Response:
    if not said.signed:
        raise services.Forgotten()
    response = make_response(said.signed)
    response.headers["Content-Type"] = kind
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    response.set_etag(fingerprint(said.signed))
    response.make_conditional(request)
    return response


@routes.get("/endorse/<secret>")
@limiter.limit("60 per minute")
@needs(LINK)
def invitation(secret: str) -> Response:
    """Ask an invited person what they want to say; show them what they said once they have."""
    return _invitation(secret, {}, {})


@routes.post("/endorse/<secret>")
@limiter.limit("20 per hour")
@needs(LINK)
def answer(secret: str) -> Response:
    """Sign what an invited person says. A form that lacks something comes back as it was filled in."""
    words = Words.read(request.form, language(), invited=True)
    if wrong := words.wrong():
        return _invitation(secret, request.form.to_dict(), wrong, status=422)
    try:
        with writing() as session:
            invitations.answer(session, secret, words, utc_now())
    except DomainError as error:
        return _invitation(secret, request.form.to_dict(), {"text": str(error)}, status=error.status)
    return redirect(f"/endorse/{secret}?lang={language()}", 303)  # type: ignore[return-value]


@routes.post("/endorse/<secret>/withdraw")
@limiter.limit("20 per hour")
@needs(LINK)
def take_back(secret: str) -> Response:
    """Let an invited person take back what they said."""
    with writing() as session:
        kept = invitations.find(session, secret)
        if kept.endorsement_id:
            said = session.get_one(Endorsement, kept.endorsement_id)
            services.revoke(session, said, request.form.get("reason", ""), utc_now())
    return redirect(f"/endorse/{secret}?lang={language()}", 303)  # type: ignore[return-value]


def _invitation(secret: str, given: dict[str, str], wrong: dict[str, str], status: int = 200) -> Response:
    session = db.session()
    kept = invitations.find(session, secret)
    invitations.check_open(kept, utc_now())
    said = session.get(Endorsement, kept.endorsement_id) if kept.endorsement_id else None
    response = private_page(
        "endorsements/invitation.html",
        status=status,
        target=find_target(session, kept.target_kind, kept.target_id),
        issuer=session.get_one(Organiser, kept.organiser_id),
        said=said,
        until=kept.expires_at,
        given=given,
        wrong=wrong,
        most=MOST,
    )
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@routes.get("/organisers/<slug>")
@needs(PUBLIC)
def choose_language(slug: str) -> Answer:
    """Send people to the page in their language."""
    response = redirect(f"/{language()}/organisers/{slug}")
    response.vary.add("Accept-Language")
    return response


@routes.get(f"/{_LANG}/organisers/<slug>")
@needs(PUBLIC)
def organiser_page(lang: str, slug: str) -> Response:
    """Say who an organiser is: what it offers, what it signs with, and who vouches for it."""
    session = db.session()
    organiser = find_organiser(session, current_city(), slug)
    badges = select(Achievement).where(
        Achievement.organiser_id == organiser.id,
        Achievement.state == "published",
        Achievement.replaced_at.is_(None),
    )
    playlists = select(Playlist).where(Playlist.organiser_id == organiser.id).order_by(Playlist.position)
    return page(
        "endorsements/organiser.html",
        organiser=organiser,
        badges=session.scalars(badges.order_by(Achievement.id)).all(),
        playlists=session.scalars(playlists).all(),
        did=did(organiser.id),
        url=absolute(f"/{lang}/organisers/{slug}"),
    )


def endorsements_of(kind: str, id: str) -> list[dict[str, Any]]:
    """Find what is shown about something, for its page."""
    session = db.session()
    return [
        {
            "text": said.text,
            "lang": said.lang,
            "by": byline(said.endorser),
            "issuer": session.get_one(Organiser, said.issuer_id).name,
            "at": said.created_at,
            "address": f"/endorsements/{said.credential_id}",
        }
        for said in services.shown(session, kind, id)
    ]


routes.add_app_template_global(endorsements_of)
