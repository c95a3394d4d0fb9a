"""Three museums that are alike, and everybody who may knock at their doors.

Ours is the one that all addresses are about; next door is another organiser of the same city; far away is one of another
city on the same server. The database is put back after each request that was let in, so that all find the same.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from server.accounts.models import Learner, Passkey, StaffInvitation, User, UserSession
from server.accounts.services import make_sign_in_link
from server.accounts.sessions import COOKIE
from server.accounts.staff import factors
from server.audit.models import AuditEntry
from server.awarding.models import AwardRow, Recipient
from server.awarding.services import Upload, keep_list
from server.badges import giving
from server.badges.models import Achievement, Award
from server.cities.models import CityMember
from server.core.db import db as database
from server.core.db import new_id, utc_now
from server.core.limits import limiter
from server.door.models import DoorLink
from server.endorsements import invitations
from server.endorsements import services as endorsements
from server.endorsements.models import Endorsement, EndorsementInvitation
from server.endorsements.services import Words
from server.endorsements.targets import ORGANISER, find_target
from server.families import classes
from server.learning.leaks import ALARM
from server.learning.models import Flag
from server.organisers.models import Member
from tests.badges.conftest import complete
from tests.cast import NOON, Museum, make_city, make_museum
from tests.door.at_the_door import hold_session
from tests.phone import Phone, milliseconds

NOBODY, PHONE, PROGRAM = "nobody", "a learner's phone", "the operator's program"
NEIGHBOUR, STRANGER, FAR_CITY = (
    "another organiser's owner",
    "another city's organiser's owner",
    "another city's owner",
)
OF_MUSEUM = ("helper", "reviewer", "editor", "owner")
OF_CITY = ("city editor", "city owner")
STAFF = (*OF_MUSEUM, *OF_CITY, NEIGHBOUR, STRANGER, FAR_CITY)
EVERYBODY = (NOBODY, PHONE, PROGRAM, *STAFF)


@dataclass(frozen=True)
class House:
    """What one museum has that an address can name, by ids and by names."""

    organiser: str
    organiser_id: str
    activity: str
    activity_id: str
    playlist: str
    playlist_id: str
    achievement: str
    draft: str
    series: str
    award: str
    credential: str
    batch: str
    session: str
    link: str
    code: str
    point: str
    endorsement: str
    endorsement_credential: str
    asked: str
    member: str
    invitation: str
    passkey: str
    city_member: str
    city_invitation: str
    owner: str
    handed_out: str
    school_class: str
    class_member: str
    flagged: str
    beside_id: str


@dataclass
class Street:
    app: Flask
    ours: House
    next_door: House
    far: House
    clients: dict[str, FlaskClient]
    cookies: dict[str, str]
    phone: Phone
    program: str
    folder: Path

    def ask(self, who: str, method: str, path: str, form: dict[str, Any] | None = None) -> TestResponse:
        """Knock as somebody. What an address raises is the test's to see."""
        headers = {}
        if who == PHONE:
            signed = f"{method} {path.partition('?')[0]} 0"
            headers = {"Sync-Device": self.phone.device, "Sync-Signature": self.phone.sign(signed.encode())}
        if who == PROGRAM:
            headers = {"Authorization": f"Bearer {self.program}"}
        body = form if method != "GET" else None
        return self.clients.get(who, self.clients[NOBODY]).open(
            path, method=method, data=body, headers=headers
        )

    def acts(self) -> list[str]:
        """List what the audit log has kept."""
        with self.app.app_context():
            return list(database.session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)))

    def put_back(self) -> None:
        """Let everything be as it was in the beginning."""
        with self.app.app_context():
            database.session.remove()
            database.engine.dispose()
        base = self.folder / "streetwise.sqlite3"
        for path in (base.with_name(f"{base.name}-wal"), base.with_name(f"{base.name}-shm")):
            path.unlink(missing_ok=True)
        shutil.copyfile(self.folder / "beginning", base)
        for who, token in self.cookies.items():
            self.clients[who].set_cookie(COOKIE, token, path="/desk/")


@contextmanager
def open_street(app: Flask, folder: Path) -> Iterator[Street]:
    """Build the street on an empty SQLite database in this folder."""
    limiter.enabled, kept = False, limiter.enabled
    with app.app_context():
        street = _build(app, folder)
        database.session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        database.session.remove()
        database.engine.dispose()
    shutil.copyfile(folder / "streetwise.sqlite3", folder / "beginning")
    try:
        yield street
    finally:
        limiter.enabled = kept
        with app.app_context():
            database.session.remove()
            database.engine.dispose()


def _build(app: Flask, folder: Path) -> Street:
    db = database.session()
    ours = make_museum(db)
    beside = make_museum(db, ours.city, "B")
    away = make_museum(db, make_city(db, "far", "far.example"), "C")
    db.commit()
    phone = Phone(app)
    phone.hello()
    phone.sync()
    houses = [_furnish(db, one, other) for one, other in ((ours, beside), (beside, ours), (away, ours))]
    clients = {who: _sign_in(app, db, user) for who, user in _people(db, ours, beside, away).items()}
    db.execute(update(UserSession).values(second_at=utc_now(), proved_at=utc_now()))
    db.commit()
    secret = (folder / "secrets" / "metrics").read_text().strip()
    cookies = {who: one.get_cookie(COOKIE, path="/desk/") for who, one in clients.items()}
    kept = {who: one.value for who, one in cookies.items() if one}
    return Street(app, *houses, {NOBODY: app.test_client(), **clients}, kept, phone, secret, folder)


def _people(db: Session, ours: Museum, beside: Museum, away: Museum) -> dict[str, User]:
    found = {NEIGHBOUR: beside.omar, STRANGER: away.omar, "owner": ours.omar}
    for role in OF_MUSEUM[:-1]:
        found[role] = add_user(db, role)
        db.add(Member(organiser_id=ours.organiser.id, user_id=found[role].id, role=role))
    for who, city in (("city editor", ours.city), ("city owner", ours.city), (FAR_CITY, away.city)):
        found[who] = add_user(db, who)
        role = "editor" if who == "city editor" else "owner"
        db.add(CityMember(city_id=city.id, user_id=found[who].id, role=role, created_at=NOON))
    db.commit()
    return found


def add_user(db: Session, name: str) -> User:
    user = User(name=name, email=f"{new_id()}@example.org", created_at=utc_now())
    db.add(user)
    db.flush()
    return user


def _sign_in(app: Flask, db: Session, user: User) -> FlaskClient:
    token = make_sign_in_link(db, user, at=utc_now()).split("#")[1]
    db.commit()
    client = app.test_client()
    assert client.post("/desk/sign-in", data={"token": token}).status_code == 303
    return client


def _furnish(db: Session, museum: Museum, other: Museum) -> House:
    """Give a museum one of everything."""
    organiser, city = museum.organiser, museum.city
    learner = Learner(id=new_id(), city_id=city.id, created_at=NOON)
    db.add(learner)
    db.flush()
    row = giving.award(db, learner.id, museum.achievement, complete(db, museum, learner), NOON)
    award = db.get_one(Award, row["id"])
    batch = keep_list(db, Upload(museum.achievement, museum.omar.id, "class.csv", NOON), [])
    db.add(AwardRow(batch_id=batch.id, number=2, address="jo@example.org", name="Jo", results={}, awarded_on="", note="", state="ready", why=""))  # fmt: skip
    db.add(Recipient(organiser_id=organiser.id, address="jo@example.org", learner_id=learner.id, salt=new_id()[:22], created_at=NOON))  # fmt: skip
    museum.codes[0].batch = new_id()
    flagged = _flag(db, museum, learner)
    ends = utc_now() + timedelta(days=30)
    school_class = classes.make_class(db, organiser, "4b", ["Otter", "Heron"], ends, utc_now())
    _set_up_app(db, museum.omar)
    endorsement = _endorse(db, museum, other)
    asked = _ask(db, museum)
    occurrence = hold_session(db, museum)
    occurrence.starts_at, occurrence.ends_at = (
        utc_now() + timedelta(days=1),
        utc_now() + timedelta(days=1, hours=2),
    )
    link = DoorLink(occurrence_id=occurrence.id, digest=new_id(), role="helper", created_at=NOON, ends_at=occurrence.ends_at)  # fmt: skip
    draft = _draft(db, museum)
    passkey = Passkey(user_id=museum.omar.id, credential_id=new_id(), public_key="", transports=[], name="A key", created_at=NOON, used_at=None)  # fmt: skip
    db.add_all([link, passkey])
    member = db.scalars(select(Member).where(Member.organiser_id == organiser.id)).first()
    assert member is not None
    second = Member(organiser_id=organiser.id, user_id=add_user(db, "second").id, role="owner")
    third = CityMember(city_id=city.id, user_id=add_user(db, "third").id, role="owner", created_at=NOON)
    invited = [_invite(db, organiser_id=organiser.id), _invite(db, city_id=city.id)]
    db.add_all([second, third, *invited])
    db.commit()
    return House(
        organiser=organiser.slug,
        organiser_id=organiser.id,
        activity=museum.activities[0].slug,
        activity_id=museum.activities[0].id,
        playlist=museum.playlist.slug,
        playlist_id=museum.playlist.id,
        achievement=museum.achievement.id,
        draft=draft.id,
        series=museum.achievement.series,
        award=award.id,
        credential=award.credential_id,
        batch=batch.id,
        session=occurrence.id,
        link=link.id,
        code=museum.codes[0].id,
        point=museum.codes[0].point_id,
        endorsement=endorsement.id,
        endorsement_credential=endorsement.credential_id,
        asked=asked.digest,
        member=second.id,
        invitation=invited[0].id,
        passkey=passkey.id,
        city_member=third.id,
        city_invitation=invited[1].id,
        owner=museum.omar.id,
        handed_out=museum.codes[0].batch,
        school_class=school_class.id,
        class_member=classes.members_of(db, school_class)[0].id,
        flagged=f"{learner.id}/{flagged}",
        beside_id=other.organiser.id,
    )


def _flag(db: Session, museum: Museum, learner: Learner) -> str:
    """Flag a check-in, and let its code sound the alarm; return the check-in's event."""
    event, code, facts = new_id(), museum.codes[0], {"since": milliseconds(NOON), "last": milliseconds(NOON)}
    for kind, found in ((ALARM, facts), ("burst", {})):
        db.add(Flag(learner_id=learner.id, event_id=event, activity_id=museum.activities[0].id, code_id=code.id, kind=kind, facts=found, created_at=NOON))  # fmt: skip
    return event


def _set_up_app(db: Session, user: User) -> None:
    """Give somebody an authenticator app; what is remembered of it is the server's alone."""
    offered, code = offer_app(user)
    factors.confirm(db, user, offered, code, utc_now())


def offer_app(user: User) -> tuple[str, str]:
    """Offer somebody an app: what the form brings back, and a first code that fits."""
    offered = factors.offer(user)
    return offered, pyotp.TOTP(factors.open_offer(user, offered)).now()


def _endorse(db: Session, museum: Museum, other: Museum) -> Endorsement:
    target = find_target(db, ORGANISER, museum.organiser.id)
    return endorsements.keep(db, other.organiser, target, Words("Good people.", "en"), NOON)


def _ask(db: Session, museum: Museum) -> EndorsementInvitation:
    target = find_target(db, ORGANISER, museum.organiser.id)
    digest = (new_id() + new_id())[:43]
    return invitations.invite(db, digest, target, "Jo", utc_now(), user_id=museum.omar.id)


def _draft(db: Session, museum: Museum) -> Achievement:
    draft = Achievement(
        organiser_id=museum.organiser.id, activity_id=museum.activities[0].id, name={"en": "Draft"}, state="draft",
        description={"en": "A draft"}, criteria={"en": "Come."}, design=museum.achievement.design, alignments=[], tags=[],
        created_at=NOON,
    )  # fmt: skip
    db.add(draft)
    db.flush()
    return draft


def _invite(db: Session, organiser_id: str | None = None, city_id: str | None = None) -> StaffInvitation:
    return StaffInvitation(digest=new_id() + new_id()[:28], organiser_id=organiser_id, city_id=city_id, role="editor", email="kim@example.org", created_at=utc_now(), expires_at=utc_now() + timedelta(days=7), used_at=None)  # fmt: skip
