"""Ada with everything that can be had: work, badges and what surrounds them, ways back in, a family, a class, a door."""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from server.accounts.models import Learner, LearnerMail, MailToken, Passkey, RecoveryKit
from server.awarding.models import AwardBatch, AwardRow, CatchUp, Recipient
from server.badges.models import Award
from server.core.db import new_id
from server.core.storage import files
from server.endorsements import services as endorsements
from server.endorsements.services import Words
from server.endorsements.targets import AWARD, find_target
from server.families.models import ClassMember, Consent, Guardianship, SchoolClass
from server.families.rows import consent_row, guardian_row
from server.learning.models import Decision, Flag
from server.portfolio.models import ImportedBadge
from server.post.models import Mail, PushMessage, PushSubscription
from server.privacy.exports import file_of
from server.privacy.models import Export
from server.replicas import feeds
from server.wallets.models import WalletClient, WalletCode, WalletGrant
from sync.messages import Row
from tests.cast import NOON, Museum, make_organiser
from tests.door.at_the_door import hold_session, open_door, show_pass
from tests.learning.walk import do_stop, visit
from tests.phone import Phone, b64, milliseconds
from tests.portfolio.conftest import make_link

LATER = NOON + timedelta(days=30)
NAME, ADDRESS, KNOWN_AS = "Ada of the boat", "ada@example.net", "ada-lovelace@example.net"
REFLECTION, LABEL, PRAISE, APPEAL, SCHOOL_NAME = (
    "I want to build mills.", "The workshop", "I saw her row.", "But I was there.", "Blue heron",
)  # fmt: skip
TEXTS = (NAME, ADDRESS, KNOWN_AS, REFLECTION, LABEL, PRAISE, APPEAL, "The mill was loud.", "Somewhere else")
DIGESTS = ("kit-digest", "token-digest", "access-digest", "code-digest", "ada-credential", "push.example/ada")


@dataclass
class Whole:
    """Her phone, a second one that she has, one on which she was somebody else, and what must not be found once she erased everything."""

    phone: Phone
    second: Phone
    former: Phone
    formerly: str
    helper: Phone
    child: str
    award: Award
    traces: list[str]


def everything(app: Flask, db: Session, museum: Museum) -> Whole:
    ada = Phone(app, at=NOON)
    former, formerly = _formerly(app, museum, ada)
    visit(ada, museum, (0, 1, 3))
    ada.sync()
    (row,) = ada.badges()
    award = db.get_one(Award, row["id"])
    traces = [ada.learner, ada.device, ada.jwk()["x"], award.subject]
    second = _second_phone(app, ada)
    helper = _stand_at_doors(app, db, museum, ada)
    _surround(db, museum, ada, award, row)
    child = _ways_and_family(db, museum, ada)
    _given_by_name(db, museum, ada, award)
    _wallets(db, ada, award)
    files().put(f"staged/{ada.learner}/{'a' * 64}/0-3", b"abc")
    db.commit()
    assert "rejected" not in {one["state"] for one in ada.results.values()}, ada.results
    traces += [formerly, former.device, former.jwk()["x"], second.device]
    return Whole(ada, second, former, formerly, helper, child, award, [*traces, *TEXTS, *DIGESTS])


def _formerly(app: Flask, museum: Museum, ada: Phone) -> tuple[Phone, str]:
    """Ada has learned as somebody else before; return that phone, and who she was there."""
    former = Phone(app, at=NOON)
    do_stop(former, museum, 2)
    former.sync()
    formerly = former.learner
    files().put(f"staged/{formerly}/{'b' * 64}/0-3", b"abc")
    _invite(ada, "a secret of one")
    former.record("learner.merge", {"into": ada.learner, "invite": "a secret of one"})
    former.sync()
    assert former.learner == ada.learner
    return former, formerly


def _invite(ada: Phone, secret: str) -> None:
    digest = b64(hashlib.sha256(secret.encode()).digest())
    until = milliseconds(ada.at + timedelta(hours=1))
    ada.record("device.invite", {"invite": digest, "until": until})
    ada.sync()


def _second_phone(app: Flask, ada: Phone) -> Phone:
    _invite(ada, "a secret of two")
    second = Phone(app, at=ada.at, learner=ada.learner)
    body = {"key": second.jwk(), "agent": "second", "languages": ["en"], "invite": "a secret of two"}
    second.record("device.hello", body)
    second.sync()
    assert second.badges()
    return second


def _stand_at_doors(app: Flask, db: Session, museum: Museum, ada: Phone) -> Phone:
    """Somebody lets Ada in at a session, she lets in somebody at another, and has reserved a third."""
    here, there, to_come = (hold_session(db, museum, number) for number in (0, 1, 2))
    ada.record("session.reserve", {"occurrence": to_come.id, "name": NAME, "picture": "cat"})
    ada.sync()
    door = open_door(app, db, here)
    event = door.let_in(pass_=show_pass(ada, NAME, "cat"))
    door.phone.sync()
    assert door.phone.results[event]["state"] == "ok", door.phone.results
    own = open_door_of(ada, db, there)
    guest = Phone(app, at=NOON)
    guest.hello()
    guest.sync()
    body = {"occurrence": there.id, "pass": show_pass(guest, "Guest", "dog")}
    ada.record("checkin.confirm", body, needs=[own])
    ada.sync()
    return door.phone


def open_door_of(phone: Phone, db: Session, occurrence: Any) -> str:
    from tests.door.at_the_door import make_link as make_door_link

    _, secret = make_door_link(db, occurrence)
    return phone.record("door.open", {"link": secret})


def _surround(db: Session, museum: Museum, ada: Phone, award: Award, row: dict[str, Any]) -> None:
    evidence = row["choice"]["evidence"][0]["event"]
    school, sara = make_organiser(db, museum.city, "River School", "sara@example.org")
    said = endorsements.endorse(db, school, sara, find_target(db, AWARD, award.id), Words(PRAISE, "en"), NOON)
    flag = Flag(
        id=new_id(), learner_id=ada.learner, event_id=evidence, kind="burst", facts={}, created_at=NOON,
        appeal=APPEAL,
    )  # fmt: skip
    imported = ImportedBadge(
        id=new_id(), learner_id=ada.learner, sha256="c" * 64, content=NAME.encode(), kind="application/json",
        name={"en": "Somewhere else"}, issuer="", report={}, checked_at=NOON, created_at=NOON,
    )  # fmt: skip
    db.add_all([flag, imported, Decision(learner_id=ada.learner, event_id=evidence, word="accepted", user_id=museum.omar.id, at=NOON)])  # fmt: skip
    db.commit()
    ada.record("award.show", {"award": award.id, "visibility": "public", "evidence": []})
    ada.record("award.reflect", {"award": award.id, "text": REFLECTION})
    ada.record("collection.keep", {"collection": new_id(), "name": "Jobs", "awards": [award.id]})
    ada.record("endorsement.show", {"endorsement": said.id, "shown": True})
    ada.record("endorsement.invite", {"award": award.id, "digest": b64(bytes(32)), "label": LABEL})
    ada.record("portfolio.show", {"visibility": "link", "name": NAME, "about": "", "parts": {}})
    make_link(ada, award.id, label=LABEL)
    ada.sync()


def _ways_and_family(db: Session, museum: Museum, ada: Phone) -> str:
    mine, city = ada.learner, museum.city.id
    child = Learner(id=new_id(), city_id=city, created_at=NOON)
    mail = LearnerMail(id=new_id(), learner_id=mine, address=ADDRESS, lang="en", created_at=NOON)
    guardianship = Guardianship(
        id=new_id(), guardian_id=mine, child_id=child.id, name="Bo", country="NL", born=2018, since=NOON
    )
    copy = Export(id=new_id(), learner_id=mine, lang="en", asked_at=NOON, made_at=NOON)
    school_class = SchoolClass(
        id=new_id(),
        organiser_id=museum.organiser.id,
        name="4b",
        created_at=NOON,
        ends_at=LATER,
        salt="s",
    )
    agreed = Consent(
        id=new_id(), learner_id=child.id, by_id=mine, what="child", words=NAME, lang="en", given_at=NOON
    )
    db.add_all([child, mail, school_class])
    db.flush()
    db.add_all(
        [
            guardianship,
            MailToken(digest="token-digest", mail_id=mail.id, purpose="confirm", expires_at=LATER),
            Mail(city_id=city, to=ADDRESS, subject="", text="", html="", lang="en", created_at=NOON, due_at=LATER),
            Passkey(
                learner_id=mine, credential_id="ada-credential", public_key="", transports=[], name=NAME,
                created_at=NOON,
            ),
            RecoveryKit(learner_id=mine, digest="kit-digest", label=LABEL, created_at=NOON),
            Consent(learner_id=mine, by_id=mine, what="mail", words=NAME, lang="en", given_at=NOON),
            agreed,
            ClassMember(class_id=school_class.id, pseudonym=SCHOOL_NAME, learner_id=mine, salt="s", joined_at=NOON),
            PushMessage(learner_id=mine, kind="award", facts={"badge": NAME}, created_at=NOON),
            PushSubscription(
                device_id=ada.device, learner_id=mine, endpoint="https://push.example/ada", p256dh="", auth="",
                lang="en", kinds=[], created_at=NOON,
            ),
            copy,
        ]
    )  # fmt: skip
    feed = f"learner:{child.id}"
    told = [Row(feed, *row) for row in (guardian_row(db, guardianship), consent_row(agreed))]
    feeds.bump(db, {feed: told}, NOON)
    files().put(file_of(copy), json.dumps(NAME).encode())
    return child.id


def _given_by_name(db: Session, museum: Museum, ada: Phone, award: Award) -> None:
    db.add(Recipient(organiser_id=museum.organiser.id, address=KNOWN_AS, name=NAME, learner_id=ada.learner, salt="s", created_at=NOON, taken_at=NOON))  # fmt: skip
    batch = AwardBatch(id=new_id(), organiser_id=museum.organiser.id, achievement_id=award.achievement_id, name="", created_at=NOON)  # fmt: skip
    db.add(batch)
    db.flush()
    db.merge(CatchUp(achievement_id=award.achievement_id, total=2, last=ada.learner, started_at=NOON))
    rows = [(KNOWN_AS, None), ("", ada.learner)]
    db.add_all(
        AwardRow(
            batch_id=batch.id, number=number, address=address, name=NAME, state="unmet", learner_id=learner
        )
        for number, (address, learner) in enumerate(rows, 1)
    )


def _wallets(db: Session, ada: Phone, award: Award) -> None:
    client = WalletClient(id="w" * 36, metadata_={}, created_at=NOON)
    db.add(client)
    db.flush()
    db.add(WalletGrant(client_id=client.id, learner_id=ada.learner, scope="", awards=[award.id], access_digest="access-digest", access_expires_at=LATER, refresh_digest=None, created_at=NOON))  # fmt: skip
    db.add(WalletCode(digest="code-digest", client_id=client.id, learner_id=ada.learner, redirect_uri="", scope="", awards=None, challenge="", expires_at=LATER))  # fmt: skip
