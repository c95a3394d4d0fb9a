"""The desk's pages of endorsements: what others say about us, what we say about others, and whom we ask."""

from flask import Blueprint, Response, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.acts import keep_act
from server.accounts.sessions import signed_in
from server.badges.models import Achievement, Award
from server.badges.services import check_seen, find_credential
from server.core.db import db, utc_now, writing
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext, language, pick
from server.core.roles import OWNER, needs
from server.core.shell import absolute, private_page
from server.core.text import fold
from server.endorsements import invitations, services
from server.endorsements.credential import byline
from server.endorsements.invitations import MOST_LABEL
from server.endorsements.models import Endorsement, EndorsementInvitation
from server.endorsements.services import MOST, Words
from server.endorsements.targets import AWARD, BADGE, ORGANISER, Target, find_target
from server.organisers.access import own_organiser
from server.organisers.models import Organiser

desk = Blueprint("desk", __name__, template_folder="templates")
MOST_FOUND = 20


@desk.get("/desk/<slug>/endorsements")
@needs(OWNER)
def overview(slug: str) -> Response:
    """List what was said about this organiser and its badges, what it said itself, and whom it asked."""
    return _overview(own_organiser(slug))


def _overview(organiser: Organiser, link: str = "", status: int = 200, problem: str = "") -> Response:
    session = db.session()
    badges = _badges(session, organiser)
    received = services.received(session, organiser.id, [one.series for one in badges])
    return private_page(
        "endorsements/desk.html",
        status=status,
        organiser=organiser,
        badges=badges,
        received=[(one, services.target_of(session, one)) for one in received],
        given=[(one, services.target_of(session, one)) for one in services.given(session, organiser.id)],
        invitations=[
            (one, find_target(session, one.target_kind, one.target_id))
            for one in invitations.invitations(session, organiser.id, None, utc_now())
        ],
        link=link,
        problem=problem,
        most=MOST,
        most_label=MOST_LABEL,
        state=services.state,
        byline=byline,
        name_of=lambda id: session.get_one(Organiser, id).name,
        said={"shown": gettext("It is shown now."), "hidden": gettext("It is not shown."), "signed": gettext("Signed. It is shown once they agree."), "back": gettext("Taken back."), "ended": gettext("The invitation has ended.")}.get(request.args.get("said", ""), ""),
    )  # fmt: skip


@desk.get("/desk/<slug>/endorsements/new")
@needs(OWNER)
def choose(slug: str) -> Response:
    """Find what to endorse: by its name in this city, or by a badge's address."""
    organiser, asked = own_organiser(slug), request.args.get("q", "").strip()
    return private_page(
        "endorsements/choose.html",
        organiser=organiser,
        asked=asked,
        found=_search(db.session(), organiser, asked) if asked else [],
    )


@desk.get("/desk/<slug>/endorsements/new/<kind>/<id>")
@needs(OWNER)
def write(slug: str, kind: str, id: str) -> Response:
    return _form(own_organiser(slug), _find_seen(kind, id), {}, {})


@desk.post("/desk/<slug>/endorsements/new/<kind>/<id>")
@needs(OWNER)
def sign(slug: str, kind: str, id: str) -> Response:
    """Sign what the organiser says. A form that lacks something comes back as it was filled in."""
    organiser, user = own_organiser(slug), signed_in()
    words = Words.read(request.form, language(), invited=False)
    target, given = _find_seen(kind, id), request.form.to_dict()
    if wrong := words.wrong():
        return _form(organiser, target, given, wrong, 422)
    try:
        with writing() as session:
            issuer = session.get_one(Organiser, organiser.id)
            services.endorse(session, issuer, user, find_target(session, kind, id), words, utc_now())
            keep_act(session, "endorsement.sign", id, issuer.id, about=pick(target.name))
    except DomainError as error:
        return _form(organiser, target, given, {"text": str(error)}, error.status)
    return _back(slug, "signed")


def _find_seen(kind: str, id: str) -> Target:
    """Find what is to be endorsed; of awards only those that their holders let others see."""
    target = find_target(db.session(), kind, id)
    if target.kind == AWARD:
        check_seen(db.session.get_one(Award, id))
    return target


def _form(
    organiser: Organiser, target: Target, given: dict[str, str], wrong: dict[str, str], status: int = 200
) -> Response:
    return private_page(
        "endorsements/write.html",
        status=status,
        organiser=organiser,
        target=target,
        given=given,
        wrong=wrong,
        most=MOST,
    )


@desk.post("/desk/<slug>/endorsements/<id>/<word>")
@needs(OWNER)
def decide(slug: str, id: str, word: str) -> Response:
    """Show or hide what others said about us, or take back what we said."""
    organiser, at = own_organiser(slug), utc_now()
    with writing() as session:
        said = session.get(Endorsement, id)
        if said is None:
            raise NotFound()
        if word == "revoke" and said.issuer_id == organiser.id and said.user_id:
            services.revoke(session, said, request.form.get("reason", ""), at)
            keep_act(session, "endorsement.revoke", id, organiser.id)
            return _back(slug, "back")
        if word not in ("show", "hide") or not _is_about(session, said, organiser):
            raise NotFound()
        (services.accept if word == "show" else services.decline)(session, said, at)
        keep_act(session, f"endorsement.{word}", id, organiser.id)
    return _back(slug, "shown" if word == "show" else "hidden")


def _is_about(session: Session, said: Endorsement, organiser: Organiser) -> bool:
    target = services.target_of(session, said)
    return target is not None and target.holder is None and target.organiser.id == organiser.id


@desk.post("/desk/<slug>/endorsements/invitations")
@needs(OWNER)
def invite(slug: str) -> Response:
    """Make a link for one person to endorse this organiser or one of its badges; it is shown this once."""
    organiser, user, secret = own_organiser(slug), signed_in(), invitations.new_secret()
    kind, _, id = request.form.get("about", "").partition("/")
    try:
        with writing() as session:
            target = find_target(session, kind, id)
            if target.kind == AWARD or target.organiser.id != organiser.id:
                raise NotFound()
            label, digest = request.form.get("label", ""), invitations.digest_of(secret)
            invitations.invite(session, digest, target, label, utc_now(), user_id=user.id)
            keep_act(session, "endorsement.invite", id, organiser.id, about=pick(target.name), label=label)
    except invitations.TooManyInvitations as error:
        return _overview(organiser, status=error.status, problem=str(error))
    return _overview(organiser, absolute(f"/endorse/{secret}"))


@desk.post("/desk/<slug>/endorsements/invitations/<digest>/end")
@needs(OWNER)
def end_invitation(slug: str, digest: str) -> Response:
    organiser = own_organiser(slug)
    with writing() as session:
        kept = session.get(EndorsementInvitation, digest)
        if kept is None or kept.organiser_id != organiser.id or kept.learner_id:
            raise NotFound()
        invitations.withdraw(session, digest, utc_now())
        keep_act(session, "endorsement.end_invitation", "", organiser.id, label=kept.label)
    return _back(slug, "ended")


def _back(slug: str, said: str) -> Response:
    return redirect(f"/desk/{slug}/endorsements?lang={language()}&said={said}", 303)  # type: ignore[return-value]


def _badges(session: Session, organiser: Organiser | None = None) -> list[Achievement]:
    query = select(Achievement).where(Achievement.state == "published", Achievement.replaced_at.is_(None))
    if organiser:
        query = query.where(Achievement.organiser_id == organiser.id)
    return list(session.scalars(query.order_by(Achievement.id)))


def _search(session: Session, organiser: Organiser, asked: str) -> list[Target]:
    """Find badges and organisers of others by their names in any language, or one award by its address."""
    if asked.startswith(absolute("/credentials/")):
        award = find_credential(asked.rstrip("/").rpartition("/")[2].partition(".")[0].partition("?")[0])
        return [find_target(session, AWARD, award.id)]
    others = session.scalars(
        select(Organiser).where(Organiser.city_id == organiser.city_id, Organiser.id != organiser.id)
    ).all()
    names = {one.id: one for one in others}
    badges = [one for one in _badges(session) if one.organiser_id in names]
    found = [(ORGANISER, one.id) for one in others if _matches(one.name, asked)]
    found += [(BADGE, one.series) for one in badges if _matches(one.name, asked)]
    return [find_target(session, kind, id) for kind, id in found[:MOST_FOUND]]


def _matches(name: dict[str, str], asked: str) -> bool:
    return any(fold(asked) in fold(text) for text in name.values())
