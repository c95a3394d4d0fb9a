"""The API of ways back in: entering by one, and a learner's mail addresses, which never stand in an event."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import TypeVar

from flask import Blueprint, Response, current_app, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from sqlalchemy.orm import Session
from webauthn.helpers import bytes_to_base64url

from server.accounts.models import LearnerMail
from server.accounts.passkeys import CHALLENGE_LASTS, PasskeyRefused, make_challenge, site, use_challenge
from server.cities.current import current_city
from server.core.answers import speak_sync
from server.core.db import db, utc_now, writing
from server.core.errors import TooMany
from server.core.i18n import LANGUAGES
from server.core.limits import count, limiter, may_go_on, network
from server.core.problems import Problem
from server.core.roles import DEVICE, LINK, PUBLIC, needs
from server.core.shell import hushed, private_page
from server.post import askings
from server.post.addresses import AddressInvalid, read_address, shorten
from server.post.asking import may_ask
from server.replicas.checking import check_blob_call
from server.ways import entering, mails
from server.ways.entering import LetIn, NotLetIn
from server.ways.mails import LinkOver
from server.ways.rows import mail_row, tell
from server.ways.schemas import (
    Asked,
    Confirmed,
    Invited,
    KitShown,
    LinkOpened,
    LinkShown,
    MailAsked,
    MailPath,
    MailTells,
    Opened,
    OwnMail,
    OwnMails,
    Shown,
    WayHeaders,
)

routes = Blueprint("unsubscribing", __name__, template_folder="templates")
api = APIBlueprint("ways", __name__, url_prefix="/api", abp_tags=[Tag(name="ways back in")])
api.after_request(speak_sync)
T = TypeVar("T")
_WRONG = "wrong way in"
_MAIL_RATE = "30 per minute"


def _crowd() -> str:
    """A festival's Wi-Fi has one address: whoever is right is let in, whatever others try beside them."""
    rate: str = current_app.config["STREETWISE"].device_rate
    return rate


# Entering


@api.post("/enter/passkey/options", responses={200: Asked, 429: Problem})
@limiter.limit(_crowd)
@needs(PUBLIC)
def ask_for_passkey() -> Response:
    """Ask for any passkey of this site; the answer is good once, within five minutes."""
    with writing() as session:
        challenge = make_challenge(session, entering.PURPOSE, at=_now())
    return jsonify(
        challenge=bytes_to_base64url(challenge),
        rpId=site().host,
        timeout=int(CHALLENGE_LASTS.total_seconds() * 1000),
        userVerification="preferred",
    )


@api.post("/enter/passkey", responses={200: Invited, **dict.fromkeys((403, 413, 422, 429), Problem)})
@limiter.limit(_crowd)
@needs(LINK)
def enter_by_passkey(body: Shown) -> Response:
    """Let in who shows a passkey. What is unknown and what is wrong get one and the same answer."""

    def enter(at: datetime) -> LetIn:
        with writing() as session:  # committed by itself: what follows may be refused, the challenge is used
            challenge = use_challenge(session, body.credential, entering.PURPOSE, at=at)
        with writing() as session:
            return entering.by_passkey(session, body.credential, challenge, site(), at=at)

    return jsonify(asdict(_enter("passkey", enter)))


@api.post("/enter/kit", responses={200: Invited, **dict.fromkeys((403, 413, 422, 429), Problem)})
@limiter.limit(_crowd)
@needs(LINK)
def enter_by_kit(body: KitShown) -> Response:
    """Let in who has the words of a recovery kit."""
    return jsonify(
        asdict(_enter("kit", lambda at: _write(lambda session: entering.by_kit(session, body.secret, at=at))))
    )


@api.post("/enter/mail", responses={204: None, **dict.fromkeys((413, 422, 429), Problem)})
@limiter.limit(_MAIL_RATE)
@needs(PUBLIC)
def ask_for_link(body: MailAsked) -> Response:
    """Send a link to an address that somebody confirmed. The answer is the same whether there is one or not, and takes as long."""
    try:
        address = read_address(body.address)
    except AddressInvalid:
        return Response(status=204)
    if may_ask(address):
        city, lang = current_city(), _lang(body)
        with writing() as session:
            askings.ask(session, city, mails.ENTER, address, lang, at=_now())
    return Response(status=204)


@api.post("/enter/mail/open", responses={200: Opened, **dict.fromkeys((410, 413, 422, 429), Problem)})
@limiter.limit(_crowd)
@needs(LINK)
def open_link(body: LinkOpened) -> Response:
    """Let in who has a mail's link; where several learners share the address, ask which one first."""

    def enter(at: datetime) -> LetIn | list[LearnerMail]:
        with writing() as session:
            found = entering.choices_of(session, body.token, at)
            chosen = [one for one in found if body.learner in (None, one.learner_id)]
            return entering.by_mail(session, body.token, chosen[0], at=at) if len(chosen) == 1 else found

    got = _enter("mail", enter)
    if isinstance(got, LetIn):
        return jsonify(entry=asdict(got), choices=[])
    return jsonify(entry=None, choices=[entering.describe(db.session(), one.learner_id) for one in got])


def _enter(way: str, enter: Callable[[datetime], T]) -> T:
    """Enter; count who is wrong. Nobody who is right is turned away for what others tried."""
    try:
        return enter(_now())
    except (PasskeyRefused, NotLetIn, LinkOver):
        _note_wrong(way)
        raise


def _note_wrong(way: str) -> None:
    """Count a wrong try of this network. Raises TooMany beyond the rate, and says so in the log."""
    rate = current_app.config["STREETWISE"].enter_rate
    if not may_go_on(_WRONG, rate):
        current_app.logger.warning("Too many wrong tries to enter by %s from %s", way, network())
        raise TooMany()
    count(_WRONG, rate, 1)


# A learner's own addresses


@api.get("/mails", responses={200: OwnMails, **dict.fromkeys((401, 422, 429), Problem)})
@limiter.limit("60 per minute")
@needs(DEVICE)
def list_mails(header: WayHeaders) -> Response:
    """List a learner's addresses, whole: the feed has them shortened."""
    found = mails.mails_of(db.session(), _learner(header))
    return jsonify(mails=[_own(one) for one in found])


@api.post("/mails", responses={200: OwnMail, **dict.fromkeys((401, 409, 413, 422, 429), Problem)})
@limiter.limit(_MAIL_RATE)
@needs(DEVICE)
def add_mail(header: WayHeaders, body: MailAsked) -> Response:
    """Keep an address and send it the link that confirms it. Said again, the link comes again."""
    learner, at, address = _learner(header), _now(), read_address(body.address)
    may_send = may_ask(
        f"confirm {address}"
    )  # counted apart: nobody is kept from entering by who adds their address
    with writing() as session:
        mail = mails.add(session, learner, header.sync_device, address, _lang(body), at=at)
        if mail.confirmed_at is None:
            if not may_send:
                raise TooMany()
            mails.ask_to_confirm(session, mail, at=at)
        answer = _own(mail)
        tell(session, learner, [mail_row(mail)], at)
    return jsonify(answer)


@api.delete("/mails/<id>", responses={204: None, **dict.fromkeys((401, 404, 422, 429), Problem)})
@limiter.limit("60 per minute")
@needs(DEVICE)
def remove_mail(path: MailPath, header: WayHeaders) -> Response:
    """Forget an address."""
    learner = _learner(header)
    with writing() as session:
        mails.remove(session, learner, path.id, _now())
    return Response(status=204)


@api.post("/mails/<id>/tells", responses={200: OwnMail, **dict.fromkeys((401, 404, 413, 422, 429), Problem)})
@limiter.limit("60 per minute")
@needs(DEVICE)
def choose_mails(path: MailPath, header: WayHeaders, body: MailTells) -> Response:
    """Keep what a learner wants to be told at an address."""
    learner = _learner(header)
    with writing() as session:
        answer = _own(mails.choose(session, learner, path.id, body.kinds, _now()))
    return jsonify(answer)


@api.post("/mails/confirm", responses={200: Confirmed, **dict.fromkeys((410, 413, 422, 429), Problem)})
@limiter.limit(_crowd)
@needs(LINK)
def confirm_mail(body: LinkShown) -> Response:
    """Confirm an address by the link that went there, on whatever device it is opened."""
    mail = _enter("mail", lambda at: _write(lambda session: mails.confirm(session, body.token, at)))
    return jsonify(address=shorten(mail.address))


# Ending the mails that somebody chose


@routes.get("/unsubscribe/<token>")
@limiter.limit("60 per minute")
@needs(LINK)
def unsubscribe_page(token: str) -> Response:
    """Ask whether to end such mails: programs that look at links must not end them."""
    return hushed(private_page("ways/unsubscribe.html", token=token, done=False))


@routes.post("/unsubscribe/<token>")
@limiter.limit("60 per minute")
@needs(LINK)
def unsubscribe(token: str) -> Response:
    """End them, by the page's button or by a mail program (RFC 8058): it has no cookie, and follows no redirect."""
    with writing() as session:
        mails.unsubscribe(session, token, _now())
    return hushed(private_page("ways/unsubscribe.html", token=token, done=True))


def _own(mail: LearnerMail) -> dict[str, object]:
    return {**mail_row(mail)[1], "address": mail.address}


def _lang(body: MailAsked) -> str:
    return body.lang if body.lang in LANGUAGES else current_city().languages[0]


def _learner(header: WayHeaders) -> str:
    """Check that a registered device signed this very call; return whose it is."""
    signed = f"{request.method} {request.path} {hashlib.sha256(request.get_data()).hexdigest()}"
    return check_blob_call(db.session(), header.sync_device, header.sync_signature, signed)


def _write(work: Callable[[Session], T]) -> T:
    with writing() as session:
        return work(session)


def _now() -> datetime:
    """Read the clock; tests bring their own."""
    clock: Callable[[], datetime] = current_app.extensions.get("streetwise_clock", utc_now)
    return clock()
