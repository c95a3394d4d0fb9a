"""Our own badges in every form, as the server makes them for anybody, and what others may make of them."""

import json
import tempfile
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from server.accounts.models import Learner
from server.app import create_app
from server.badges import giving, issuers, services
from server.badges.models import Achievement, Award
from server.badges.printing.whole import draw_whole
from server.badges.verification import packed
from server.config import Config
from server.core.db import db, new_id, prepare_engine, utc_now
from server.endorsements import services as endorsements
from server.endorsements.services import Words as Said
from server.endorsements.targets import AWARD, BADGE, find_target
from server.learning.models import Completion
from server.migrations import upgrade
from tests.badges.formats.test_records import CLR, make_step
from tests.cast import Museum, make_museum, make_organiser
from tests.independent import material
from tests.independent.cases import Case
from tests.independent.material import OTHER, OTHER_ED, OTHER_RSA, Json, changed, itxt, png, prove, token

HOST = "streets.example"
BASE = f"https://{HOST}"
BY_JO = {"name": "Jo Baker", "role": "trainer", "organisation": "Rowing Club"}


@dataclass
class Made:
    """What the server made: files by name, its pages, and which of them are gone."""

    files: dict[str, bytes]
    pages: dict[str, Any]
    gone: tuple[str, ...]


def cases() -> Iterator[Case]:
    with tempfile.TemporaryDirectory() as folder:
        made = make(Path(folder))
    for name, (content, wanted) in {**_sound(made), **_badges(made), **_tokens(made), **_older(made)}.items():
        yield Case("Ours", name, content, wanted, made.pages, made.gone)
    for name, (content, wanted) in {**_records(made), **_foreign_records(), **_endorsements(made)}.items():
        yield Case("Records and endorsements", name, content, wanted, made.pages, made.gone)
    yield from _without_key(made)


def make(folder: Path) -> Made:
    """Run a server of its own with an empty database, and read all that it answers."""
    engine = create_engine(f"sqlite:///{folder / 'streetwise.sqlite3'}")
    prepare_engine(engine)
    upgrade(engine)
    engine.dispose()
    app = create_app(Config(instance=folder, base_url=BASE))
    with app.app_context():
        files, addresses = _Maker(app, db.session()).all()
        answers = {address: app.test_client().get(address, base_url=BASE) for address in addresses}
        db.session.remove()
        db.engine.dispose()
    pages = material.pages() | {
        BASE + address: json.loads(answer.data) for address, answer in answers.items()
    }
    gone = tuple(BASE + address for address, answer in answers.items() if answer.status_code == 410)
    return Made(files, pages, gone)


class _Maker:
    """Gives badges to people and endorses them, as organisers would."""

    def __init__(self, app: Flask, session: Session) -> None:
        self.app, self.session, self.at = app, session, utc_now() - timedelta(days=2)
        self.museum: Museum = make_museum(session)
        self.school, self.sara = make_organiser(session, self.museum.city, "River School", "sara@example.org")
        self.first_stop: Achievement | None = None

    def all(self) -> tuple[dict[str, bytes], list[str]]:
        held, withdrawn, erased, half = (self.award() for _ in range(4))
        step, gone_step = self.step(held), self.step(half)
        files = {f"badge.{kind}": self.file(held, kind) for kind in ("json", "png", "svg", "jwt")}
        files |= {f"withdrawn.{kind}": self.file(withdrawn, kind) for kind in ("json", "png", "svg", "jwt")}
        files |= {"record": self.get(f"/clr/playlists/{held.credential_id}"), "record.jwt": self.get(f"/clr/playlists/{held.credential_id}.jwt"),
                  "half record": self.get(f"/clr/playlists/{half.credential_id}"), "step": step.signed}  # fmt: skip
        files |= {f"{name} 2.0": self.get(f"/ob2/assertions/{one.credential_id}") for name, one in
                  (("held", held), ("withdrawn", withdrawn), ("erased", erased))}  # fmt: skip
        files |= self.endorse(held)
        whole = draw_whole(held)
        assert whole
        files["whole"] = packed.unpack(whole.text)
        services.revoke(withdrawn, "Given by mistake", self.at)
        services.revoke(gone_step, "Given by mistake", self.at)
        services.erase(erased, self.at)
        self.rotate()
        self.session.commit()
        files["after a rotation"] = self.award().signed
        self.session.commit()
        return files, self.addresses(held, withdrawn, erased)

    def award(self) -> Award:
        learner = Learner(id=new_id(), city_id=self.museum.city.id, created_at=self.at)
        self.session.add(learner)
        self.session.flush()
        done = Completion(learner_id=learner.id, playlist_id=self.museum.playlist.id, event_id=new_id(), proofs=[],
                          assurance={"level": 1, "time": "claimed", "review": "automatic"}, first_at=self.at, at=self.at)  # fmt: skip
        self.session.add(done)
        self.session.flush()
        given = giving.award_completed(self.session, learner.id, self.museum.achievement, done, self.at)
        self.session.commit()
        return given

    def step(self, whole: Award) -> Award:
        """Give whoever holds a playlist's badge one for an activity of it, too."""
        badge = self.first_stop or make_step(self.session, self.museum)
        self.first_stop = badge
        done = self.session.get_one(Completion, str(whole.completion_id))
        given = giving.award_completed(self.session, whole.learner_id, badge, done, self.at)
        self.session.commit()
        return given

    def endorse(self, held: Award) -> dict[str, bytes]:
        badge = find_target(self.session, BADGE, self.museum.achievement.series)
        award = find_target(self.session, AWARD, held.id)
        words = Said("They know the river well.", "en")
        said = endorsements.endorse(self.session, self.school, self.sara, badge, words, self.at)
        by_jo = endorsements.keep(self.session, self.museum.organiser, award, Said("I trained her.", "en", BY_JO), self.at)  # fmt: skip
        back = endorsements.keep(self.session, self.school, award, words, self.at)
        found = {"said": said.signed, "said by a person": by_jo.signed, "taken back": back.signed}
        endorsements.revoke(self.session, back, "A mistake", self.at)
        self.lists = {one.status_list_id for one in (said, by_jo, back)}
        self.session.commit()
        return found

    def rotate(self) -> None:
        issuers.rotate(self.session, self.museum.organiser, self.at)

    def file(self, given: Award, kind: str) -> bytes:
        return self.get(f"/credentials/{given.credential_id}.{kind}")

    def get(self, address: str) -> bytes:
        answer = self.app.test_client().get(address, base_url=BASE)
        assert answer.status_code == 200, (address, answer.status_code)
        return answer.data

    def addresses(self, *awards: Award) -> list[str]:
        organiser = self.museum.organiser.id
        badges = {given.achievement_id for given in awards}
        return [
            f"/orgs/{organiser}/did.json", f"/orgs/{self.school.id}/did.json", f"/orgs/{organiser}/keys/1.jwk",
            f"/ob2/issuers/{organiser}", *(f"/ob2/badges/{badge}" for badge in badges),
            *(f"/ob2/assertions/{given.credential_id}" for given in awards),
            *(f"/status/{id}" for id in self.lists | {given.status_list_id for given in awards}),
        ]  # fmt: skip


Rows = dict[str, tuple[bytes, str]]


def _raw(document: Json) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _sound(made: Made) -> Rows:
    names = {
        "JSON, both proofs": "badge.json", "SVG": "badge.svg", "PNG, 3.0 and 2.0": "badge.png", "JWT": "badge.jwt",
        "2.0, hosted": "held 2.0", "the code of a certificate, unpacked": "whole",
        "JSON, signed with the next key": "after a rotation",
    }  # fmt: skip
    older = png(itxt(made.files["held 2.0"].decode(), b"openbadges"))
    return {
        **{name: (made.files[file], "ok") for name, file in names.items()},
        "PNG, 2.0 only": (older, "ok"),
    }


def _forged(document: Json) -> Rows:
    """What somebody may do to a signed credential of ours, whatever it says."""
    body = {name: value for name, value in document.items() if name != "proof"}
    suites = [one["cryptosuite"] for one in document["proof"]]
    method = document["proof"][0]["verificationMethod"]
    stranger = [prove(body, suite, OTHER_ED, method) for suite in suites]
    rows = {
        "another name": changed(document, "name", "River master"),
        "another issuer": changed(document, "issuer.id", OTHER),
        "another day": changed(document, "validFrom", "2020-01-01T00:00:00Z"),
        "another holder": changed(document, "credentialSubject.id", "urn:uuid:0190b1c2-7d3e-4f00-8000-00000000000f"),
        "an end added": {**document, "validUntil": "2060-01-01T00:00:00Z"},
        "no proof": body,
        "signed with a stranger's key": {**body, "proof": stranger},
        "half a set: one proof is a stranger's": {**body, "proof": [*document["proof"][:-1], stranger[-1]]},
        "a proof for another purpose": changed(document, "proof.0.proofPurpose", "authentication"),
    }  # fmt: skip
    if "credentialStatus" in document:
        rows["another place in the list"] = changed(document, "credentialStatus.statusListIndex", "1")
        rows["the list left out"] = changed(document, "credentialStatus", ...)
    return {name: (_raw(one), "failed") for name, one in rows.items()}


def _badges(made: Made) -> Rows:
    document = json.loads(made.files["badge.json"])
    rows = {f"JSON, {name}": row for name, row in _forged(document).items()}
    rows |= {f"{kind.upper()}, withdrawn": (made.files[f"withdrawn.{kind}"], "failed") for kind in ("json", "png", "svg", "jwt")}  # fmt: skip
    drawing = made.files["badge.svg"].replace(b"River explorer", b"River emperor", 1)
    rows["SVG, another name"] = (drawing, "failed")
    rows["SVG, the badge after the drawing's end"] = (made.files["badge.svg"] + b"<x/>", "refused")
    rows["PNG, another name"] = (png(itxt(_raw({**document, "name": "River master"}).decode())), "failed")
    rows["PNG, a letter changed in the file"] = (made.files["badge.png"].replace(b"River explorer", b"River emperor!", 1), "refused")  # fmt: skip
    rows["the code of a certificate, another name"] = (made.files["whole"].replace(b"River explorer", b"River emperor", 1), "failed")  # fmt: skip
    return rows


def _tokens(made: Made) -> Rows:
    text = made.files["badge.jwt"].decode()
    head, body, signature = text.split(".")
    payload = json.loads(packed_part(body))
    header = json.loads(packed_part(head))
    other = {name: header[name] for name in ("kid",)}
    rows = {
        "another name": f"{head}.{token({**payload, 'name': 'River master'}).split('.')[1]}.{signature}",
        "signed with a stranger's key": token(payload, key=OTHER_RSA, header=other),
        "signed with a key that a stranger serves": token(payload, key=OTHER_RSA, header={"kid": "https://forger.example/key.jwk"}),
        "no signature": f"{head}.{body}.",
        "the signature of another": f"{head}.{body}.{made.files['withdrawn.jwt'].decode().split('.')[2]}",
    }  # fmt: skip
    return {f"JWT, {name}": (one.encode(), "failed") for name, one in rows.items()}


def packed_part(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _older(made: Made) -> Rows:
    held = json.loads(made.files["held 2.0"])
    rows = {
        "another day": {**held, "issuedOn": "2020-01-01T00:00:00Z"},
        "another holder": changed(held, "recipient.identity", "sha256$" + "0" * 64),
        "another badge": {**held, "badge": f"{BASE}/ob2/badges/none"},
        "another kind of check": {**held, "verification": {"type": "SignedBadge"}},
    }
    found = {f"2.0, {name}": (_raw(one), "failed") for name, one in rows.items()}
    found["2.0, withdrawn"] = (made.files["withdrawn 2.0"], "failed")
    found["2.0, erased"] = (made.files["erased 2.0"], "failed")
    found["2.0, an address that we never had"] = (_raw({**held, "id": held["id"] + "x"}), "unchecked")
    return found


def _records(made: Made) -> Rows:
    record = json.loads(made.files["record"])
    rows = {f"record, {name}": row for name, row in _forged(record).items() if not name.startswith("half")}
    inner = "credentialSubject.verifiableCredential"
    strangers = json.loads(made.files["withdrawn.json"])
    body = {name: value for name, value in record.items() if name != "proof"}
    forged = changed(body, f"{inner}.0.name", "River master")
    return {
        "record of a playlist (CLR 2.0)": (made.files["record"], "ok"),
        "record of a playlist, as a token": (made.files["record.jwt"], "ok"),
        **rows,
        "record, a badge in it is changed": (_raw(changed(record, f"{inner}.1.name", "Last stop")), "failed"),
        "record, a badge in it is another's": (_raw(changed(record, f"{inner}.1", strangers)), "failed"),
        "record, a badge taken out": (_raw(changed(record, f"{inner}.1", ...)), "failed"),
        "record, part of another whole": (_raw(changed(record, "credentialSubject.association.0.targetId", f"{BASE}/x")), "failed"),
        "record, a badge in it is withdrawn": (made.files["half record"], "failed"),
        "record, signed by a stranger": (_raw({**forged, "issuer": {**record["issuer"], "id": OTHER}, "proof": prove({**forged, "issuer": {**record["issuer"], "id": OTHER}}, "eddsa-jcs-2022", OTHER_ED, f"{OTHER}#ed")}), "failed"),
        "record, no badge in it": (_raw(changed(record, inner, [])), "failed"),
    }  # fmt: skip


def _foreign_records() -> Rows:
    """Records of the museum elsewhere, which signs what it likes."""
    sound = material.signed()
    ended = material.credential(validFrom=material.when(days=-30), validUntil=material.when(days=-1))
    nested = _foreign([sound])
    return {
        "record of another issuer": (_raw(nested), "ok"),
        "record of another issuer, an unknown word in it": (_raw(_foreign([sound], mood="happy")), "unchecked"),
        "record of another issuer, a record in it": (_raw(_foreign([sound, nested])), "unchecked"),
        "record of another issuer, nothing in it": (_raw(_foreign([])), "unchecked"),
        "record of another issuer, an address in it": (_raw(_foreign([sound, sound["id"]])), "unchecked"),
        "record of another issuer, an unsigned badge in it": (_raw(_foreign([material.credential()])), "failed"),
        "record of another issuer, an expired badge in it": (_raw(_foreign([material.signed(ended)])), "failed"),
    }  # fmt: skip


def _foreign(badges: list[Any], **more: Any) -> Json:
    document = {
        "@context": [material.V2, CLR, material.OB.format(3)],
        "id": f"{material.SITE}/records/1",
        "type": ["VerifiableCredential", "ClrCredential"],
        "name": "Record",
        "issuer": {"id": material.DID, "type": ["Profile"], "name": "Museum of Maps"},
        "validFrom": material.when(),
        "credentialSubject": {
            "id": "urn:uuid:0190b1c2-7d3e-4f00-8000-000000000001",
            "type": ["ClrSubject"],
            "verifiableCredential": badges,
            **more,
        },
    }
    return {**document, "proof": prove(document, "eddsa-jcs-2022")}


def _endorsements(made: Made) -> Rows:
    said, by_jo = (json.loads(made.files[name]) for name in ("said", "said by a person"))
    comment = "credentialSubject.endorsementComment"
    return {
        "endorsement by an organiser": (made.files["said"], "ok"),
        "endorsement by an invited person": (made.files["said by a person"], "ok"),
        **{f"endorsement, {name}": row for name, row in _forged(said).items()},
        "endorsement, other words": (_raw(changed(said, comment, "They know nothing.")), "failed"),
        "endorsement, about another thing": (_raw(changed(said, "credentialSubject.id", f"{BASE}/achievements/x")), "failed"),
        "endorsement, taken back": (made.files["taken back"], "failed"),
        "endorsement, by another person": (_raw(changed(by_jo, comment, "I trained her.\n\n— The King")), "failed"),
        "endorsement, as if the organiser spoke": (_raw(changed(by_jo, "description", said["description"])), "failed"),
    }  # fmt: skip


def _without_key(made: Made) -> Iterator[Case]:
    """The same badges, where our site has dropped their key: these rows show that the sound ones could fail."""
    document = json.loads(made.files["badge.json"])
    address = BASE + "/" + "/".join([*document["issuer"]["id"].split(":")[3:], "did.json"])
    kept = [one for one in made.pages[address]["verificationMethod"] if "#key-1" not in one["id"]]
    dropped = {
        **made.pages[address],
        "verificationMethod": kept,
        "assertionMethod": [one["id"] for one in kept],
    }
    pages = {**made.pages, address: dropped}
    for name in ("badge.json", "badge.png", "badge.svg", "badge.jwt", "record"):
        yield Case("Ours", f"{name}, its key dropped", made.files[name], "failed", pages, made.gone)
