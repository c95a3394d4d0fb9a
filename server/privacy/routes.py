"""One's own data: the page of it, the public page on privacy, and the phone's calls."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from sqlalchemy.orm import Session

from server.awarding.services import KEEP_ADDRESSES
from server.cities.current import current_city
from server.core.answers import speak_sync
from server.core.db import db, utc_now, writing
from server.core.i18n import LANGUAGES, pick
from server.core.limits import limiter, take_at_most
from server.core.problems import Problem
from server.core.roles import DEVICE, LINK, PUBLIC, needs
from server.core.shell import hushed, page
from server.core.storage import files
from server.families.services import may_act_for
from server.privacy import exports, retention, stored
from server.privacy.schemas import ChildPath, Copies, Copy, OwnData, OwnHeaders, Wish
from server.replicas.blobs import FORGOTTEN_AFTER
from server.replicas.checking import NotProven, check_blob_call

routes = Blueprint("privacy", __name__, template_folder="templates")
api = APIBlueprint("own_data", __name__, url_prefix="/api", abp_tags=[Tag(name="my data")])
_LANG = f"<any({','.join(LANGUAGES)}):lang>"
_MOST_BYTES = 4 * 1024


@routes.get(f"/{_LANG}/my-data")
@needs(PUBLIC)
def my_data(lang: str) -> Response:
    """A place for what the phone knows: what is stored, a copy of it, and erasing it."""
    return page("privacy/my-data.html")


@routes.get(f"/{_LANG}/privacy")
@needs(PUBLIC)
def privacy(lang: str) -> Response:
    """Say what is kept, why, for how long, who answers for it, and which services outside are in use: as it is set."""
    city, config = current_city(), current_app.config["STREETWISE"]
    periods = [(retention.words_of(name), days) for name, days in retention.keeps(city).items()]
    answers = {name: _said(city.privacy.get(name)) for name in ("controller", "contact", "officer")}
    return page(
        "privacy/privacy.html",
        periods=periods,
        uploads=FORGOTTEN_AFTER.days,
        lists=KEEP_ADDRESSES.days,
        answers=answers,
        config=config,
        mail_host=urlsplit(config.smtp_url).hostname,
        files_host=urlsplit(config.s3_endpoint).hostname or "Amazon S3",
    )


def _said(value: object) -> str:
    """Read what a city says of who answers: one text, or one in each language."""
    return pick(value) if isinstance(value, dict) else str(value or "")


@routes.get("/export/<token>")
@limiter.limit("30 per minute")
@needs(LINK)
def download(token: str) -> Response:
    """Send a copy, piece by piece, to whoever has its address."""
    one = exports.find_by_token(db.session(), token, utc_now())
    response = Response(files().stream(exports.file_of(one)), mimetype="application/zip")
    response.headers["Content-Length"] = str(one.size)
    response.headers["Content-Disposition"] = f'attachment; filename="my-data-{one.made_at:%Y-%m-%d}.zip"'
    return hushed(response)


@api.before_request
def check_size() -> None:
    take_at_most(_MOST_BYTES)


api.after_request(speak_sync)


@api.get("/my-data", responses={200: OwnData, 401: Problem, 429: Problem})
@limiter.limit("60 per minute")
@needs(DEVICE)
def show_own_data(header: OwnHeaders) -> Response:
    """Say what is stored about the device's learner, in numbers."""
    session = db.session()
    learner = _learner(header, f"GET {request.path} 0")
    return jsonify(**stored.describe(session, learner), exports=exports.list_of(session, learner, utc_now()))


@api.post("/export", responses={200: Copy, **dict.fromkeys((401, 413, 415, 422, 429), Problem)})
@limiter.limit("10 per minute")
@needs(DEVICE)
def ask_for_copy(header: OwnHeaders, body: Wish) -> Response:
    """Ask for a copy of everything; the body as it came is what the device signed."""
    learner = _learner(header, request.get_data(as_text=True))
    lang = body.lang if body.lang in LANGUAGES else "en"
    with writing() as session:
        _check_child(session, learner, body.child or learner)
        asked = exports.ask(session, body.child or learner, lang, utc_now())
        export_id, whose = asked.id, asked.learner_id
    listed = exports.list_of(db.session(), whose, utc_now())
    return jsonify(next(one for one in listed if one["id"] == export_id))


@api.get("/export/<child>", responses={200: Copies, 401: Problem, 429: Problem})
@limiter.limit("60 per minute")
@needs(DEVICE)
def list_copies_of_child(path: ChildPath, header: OwnHeaders) -> Response:
    """List the copies of a child whom the device's learner looks after."""
    session = db.session()
    _check_child(session, _learner(header, f"GET {request.path} 0"), path.child)
    return jsonify(exports=exports.list_of(session, path.child, utc_now()))


def _check_child(session: Session, learner: str, child: str) -> None:
    """Check that something is a learner's own, or a child's whom they look after. Raises NotProven."""
    if child != learner and not may_act_for(session, learner, child):
        raise NotProven()


def _learner(header: OwnHeaders, signed: str) -> str:
    """Return whose device signed. Raises NotProven."""
    return check_blob_call(db.session(), header.sync_device, header.sync_signature, signed)


def day(at: int) -> str:
    """Write a moment (milliseconds) as a day."""
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d}"


routes.add_app_template_filter(day)
routes.add_app_template_filter(retention.days_words, "period")
