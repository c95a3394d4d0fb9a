"""Public addresses of badges: pages for people, files for wallets, keys and lists for verifiers."""

import re
from collections.abc import Callable
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from server.badges import baking, drawing, issuers, services, verification
from server.badges.assurance import LEVELS, Assurance, level_name, level_words, title, words
from server.badges.frameworks import find_competence
from server.badges.models import Achievement, Award
from server.badges.resolver import OwnRecords
from server.badges.signing import fingerprint
from server.badges.verification import Report
from server.core.db import db, utc_now, writing
from server.core.errors import DomainError, NotFound
from server.core.i18n import LANGUAGES, gettext, language, pick
from server.core.limits import limiter
from server.core.security import DRAWING_POLICY
from server.core.shell import absolute, page, private_page
from server.organisers.models import Organiser

routes = Blueprint("badges", __name__, template_folder="templates")

_LANG = f"<any({','.join(LANGUAGES)}):lang>"
_JSON = ("application/vc", "application/vc+ld+json", "application/ld+json", "application/json")
_FORM_LIMIT = verification.LIMIT + 1024 * 1024


@routes.get("/credentials/<credential_id>")
def show_credential(credential_id: str) -> Response:
    """Answer people with a page, wallets with the credential, at the same address."""
    wanted = request.accept_mimetypes.best_match(["text/html", *_JSON], "text/html")
    if wanted != "text/html":
        response = _credential_file(services.find_credential(credential_id), wanted)
        response.vary.update(["Accept", "Accept-Language"])
        return response
    award = services.find_credential(credential_id)
    report = verification.verify(award.signed, OwnRecords(utc_now()), utc_now())
    response = page(
        "badges/credential.html",
        vary="Accept-Language",
        award=award,
        achievement=award.achievement,
        organiser=award.achievement.organiser,
        report=report,
        assurance_words=words(Assurance.read(award.assurance)),
        level_name=title(Assurance.read(award.assurance)),
        url=absolute(f"/credentials/{credential_id}"),
    )
    response.vary.add("Accept")
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@routes.get("/credentials/<credential_id>.json")
def download_json(credential_id: str) -> Response:
    """Serve the signed bytes as they were stored."""
    return _credential_file(services.find_credential(credential_id), "application/vc")


@routes.get("/credentials/<credential_id>.png")
def download_png(credential_id: str) -> Response:
    """Serve the badge's picture with the credential inside."""
    award = services.find_credential(credential_id)
    picture = baking.bake(drawing.badge_png(services.design(award.achievement)), award.signed)
    response = _file(picture, "image/png", fingerprint(award.signed))
    response.headers["Content-Disposition"] = f'inline; filename="{_file_name(award.achievement)}.png"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@routes.get("/credentials/<credential_id>/preview.png")
def preview(credential_id: str) -> Response:
    """Draw the picture that chats show for a link to this badge."""
    award = services.find_credential(credential_id)
    achievement = award.achievement
    note = gettext("Withdrawn") if award.revoked_at else gettext("Anyone can check this badge.")
    response = _preview(achievement, note)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@routes.get("/achievements/<achievement_id>")
def choose_language(achievement_id: str) -> Answer:
    """Send people to the page in their language."""
    services.find_achievement(achievement_id)
    response = redirect(url_for("badges.show_achievement", lang=language(), achievement_id=achievement_id))
    response.vary.add("Accept-Language")
    return response


@routes.get(f"/{_LANG}/achievements/<achievement_id>")
def show_achievement(lang: str, achievement_id: str) -> Response:
    """Say what a badge stands for, to whoever meets it in a credential."""
    achievement = services.find_achievement(achievement_id)
    return page(
        "badges/achievement.html",
        achievement=achievement,
        organiser=achievement.organiser,
        levels=[{"name": level_name(level), "words": level_words(level)} for level in LEVELS],
        url=absolute(f"/{lang}/achievements/{achievement_id}"),
    )


@routes.get("/achievements/<achievement_id>/image.svg")
def image_svg(achievement_id: str) -> Response:
    """Draw the badge as SVG."""
    picture = drawing.badge_svg(services.design(services.find_achievement(achievement_id)))
    response = _file(picture.encode(), "image/svg+xml")
    response.headers["Content-Security-Policy"] = DRAWING_POLICY
    return response


@routes.get("/achievements/<achievement_id>/image.png")
def image_png(achievement_id: str) -> Response:
    """Draw the badge as PNG."""
    return _file(drawing.badge_png(services.design(services.find_achievement(achievement_id))), "image/png")


@routes.get("/achievements/<achievement_id>/preview.png")
def achievement_preview(achievement_id: str) -> Response:
    """Draw the picture that chats show for a link to this achievement."""
    return _preview(services.find_achievement(achievement_id), gettext("A badge to earn"))


@routes.get("/frameworks/<framework>/<code>")
def show_competence(framework: str, code: str) -> Response:
    """Say what a competence is that badges stand for; their credentials lead here."""
    competence = find_competence(framework, code)
    return page("badges/competence.html", vary="Accept-Language", competence=competence)


@routes.get("/orgs/<organiser_id>/did.json")
def did_document(organiser_id: str) -> Response:
    """Publish an issuer's keys (did:web)."""
    organiser = db.session.get(Organiser, organiser_id)
    if not organiser:
        raise NotFound()
    if not issuers.signing_keys(db.session(), organiser_id):
        with writing() as session:
            issuers.ensure_keys(session.get_one(Organiser, organiser_id))
    document = issuers.did_document(db.session.get_one(Organiser, organiser_id))
    return _open_to_all(jsonify(document), seconds=300)


@routes.get("/status/<list_id>")
def status_list(list_id: str) -> Response:
    """Publish which of an issuer's badges were withdrawn."""
    listing = services.find_list(list_id)
    if services.is_stale(listing, utc_now()):
        with writing():
            signed = services.publish_status(services.find_list(list_id))
    else:
        signed = listing.signed or b""
    return _file(signed, "application/vc", fingerprint(signed), seconds=300)


@routes.get("/verify")
def check() -> Response:
    """Show the check, or check the badge of ours whose address is given."""
    address = request.args.get("address", "").strip()
    if address:
        return _checked(lambda: _ours(address).signed, address)
    return page("badges/verify.html", vary="Accept-Language", report=None, problem=None, address="")


@routes.post("/verify")
@limiter.limit("30 per minute")
def check_given() -> Response:
    """Check a badge that was pasted, uploaded, or named by its address with us."""
    request.max_content_length = _FORM_LIMIT
    address = request.form.get("address", "").strip()
    return _checked(lambda: _given(address), address)


def _checked(read: Callable[[], bytes], address: str) -> Response:
    report: Report | None = None
    problem = None
    try:
        report = verification.verify(read(), OwnRecords(utc_now()), utc_now())
    except DomainError as error:
        problem = error
    return private_page(
        "badges/verify.html",
        status=problem.status if problem else 200,
        report=report,
        problem=problem,
        address=address,
        shown=report and _shown(report),
    )


def _given(address: str) -> bytes:
    upload = request.files.get("file")
    if upload and upload.filename:
        return upload.stream.read(verification.LIMIT + 1)
    pasted = request.form.get("badge", "").strip()
    if pasted.startswith(("http://", "https://")) and len(pasted) < 2000:
        return _ours(pasted).signed
    if pasted:
        return pasted.encode("utf-8", "surrogatepass")
    if address:
        return _ours(address).signed
    raise NothingGiven()


class NothingGiven(DomainError):
    code = "nothing_given"

    def explain(self) -> str:
        return gettext("Please choose a file, paste a badge, or give its address.")


class AddressNotOurs(DomainError):
    status, code = 422, "address_not_ours"

    def explain(self) -> str:
        return gettext(
            "We only open addresses of this site. Save the badge as a file there, and choose the file here."
        )


def _ours(address: str) -> Award:
    """Find the badge of ours behind an address; we never open anybody else's."""
    if not address.startswith(absolute("/credentials/")):
        raise AddressNotOurs()
    return services.find_credential(PurePosixPath(urlsplit(address).path).stem)


def _shown(report: Report) -> dict[str, str]:
    """Pick what a checked badge says about itself; it is text from anywhere, shown as text only."""
    document = report.document
    subject = document.get("credentialSubject")
    achievement = subject.get("achievement") if isinstance(subject, dict) else None
    achievement = achievement if isinstance(achievement, dict) else {}
    issuer = document.get("issuer")
    return {
        "name": _text(document.get("name")) or _text(achievement.get("name")),
        "description": _text(achievement.get("description")),
        "issuer": _text(issuer.get("name")) if isinstance(issuer, dict) else "",
    }


def _text(value: object) -> str:
    return value[:300] if isinstance(value, str) else ""


def _preview(achievement: Achievement, note: str) -> Response:
    city = achievement.organiser.city
    card = drawing.Card(
        pick(achievement.name), pick(achievement.organiser.name), city.name, note, city.colour
    )
    response = _file(drawing.preview_png(services.design(achievement), card), "image/png")
    response.vary.add("Accept-Language")
    return response


def _credential_file(award: Award, kind: str) -> Response:
    response = _file(award.signed, kind, fingerprint(award.signed), seconds=0)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _file(content: bytes, kind: str, etag: str = "", seconds: int = 3600) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = kind
    response.set_etag(etag or fingerprint(content))
    _open_to_all(response, seconds)
    response.make_conditional(request)
    return response


def _open_to_all(response: Response, seconds: int) -> Response:
    """Let any site's verifier read it."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = f"public, max-age={seconds}" + (
        "" if seconds else ", must-revalidate"
    )
    return response


def _file_name(achievement: Achievement) -> str:
    return re.sub(r"[^a-z0-9]+", "-", pick(achievement.name, "en").lower()).strip("-") or "badge"
