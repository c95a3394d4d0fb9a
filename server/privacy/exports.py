"""Copies of everything: asked for by a phone, made by the clock, fetched by an address that holds for ten minutes."""

import hmac
import os
import secrets
import tempfile
import time
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import Learner
from server.cities.models import City
from server.core.db import new_id
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext
from server.core.secrets import all_secrets, secret
from server.core.shell import absolute
from server.privacy import retention
from server.privacy.models import Export
from server.replicas.moments import milliseconds

ADDRESS_LASTS = timedelta(minutes=10)
MOST_A_DAY = 5


class TooManyExports(DomainError):
    status, code = 429, "too_many_exports"

    def explain(self) -> str:
        return gettext(
            "You have asked for several copies today. Please take one of those, or come back tomorrow."
        )


class ExportGone(DomainError):
    """The address ran out, or the copy is not there any more."""

    status, code = 410, "export_gone"

    def explain(self) -> str:
        return gettext(
            "This address has run out. Open “My data” on your phone and download it again from there."
        )


def ask(session: Session, learner: str, lang: str, at: datetime) -> Export:
    """Ask for a copy; one that is being made already is the one. Raises TooManyExports."""
    asked = session.scalars(
        select(Export).where(Export.learner_id == learner, Export.asked_at > at - timedelta(days=1))
    ).all()
    if waiting := [one for one in asked if one.made_at is None and not one.problem]:
        return waiting[0]
    if len(asked) >= MOST_A_DAY:
        raise TooManyExports()
    made = Export(id=new_id(), learner_id=learner, lang=lang, asked_at=at)
    session.add(made)
    session.flush()
    return made


def list_of(session: Session, learner: str, at: datetime) -> list[dict[str, Any]]:
    """Tell a phone of its learner's copies, the newest first, each with an address that holds for now."""
    found = session.scalars(
        select(Export).where(Export.learner_id == learner).order_by(Export.asked_at.desc(), Export.id)
    )
    city = session.get_one(City, session.get_one(Learner, learner).city_id)
    days = timedelta(days=retention.keeps(city)[retention.EXPORTS])
    return [
        {
            "id": one.id,
            "asked": milliseconds(one.asked_at),
            "made": milliseconds(one.made_at) if one.made_at else None,
            "size": one.size,
            "problem": one.problem,
            "until": milliseconds(one.asked_at + days),
            "url": address_of(one, at) if one.made_at else None,
        }
        for one in found
    ]


def address_of(one: Export, at: datetime) -> str:
    """Write an address under which a copy can be fetched for ten minutes; nothing of it is stored."""
    until = int((at + ADDRESS_LASTS).timestamp())
    return absolute(f"/export/{one.id}.{until}.{_mac(secret('exports'), one.id, str(until))}")


def _mac(key: bytes, export_id: str, until: str) -> str:
    said = hmac.new(key, f"{export_id}\0{until}".encode(), sha256).digest()
    return urlsafe_b64encode(said[:24]).decode()


def find_by_token(session: Session, token: str, at: datetime) -> Export:
    """Find the copy of an address. Raises NotFound for one that we did not write, ExportGone for one that ran out."""
    export_id, _, rest = token.partition(".")
    until, _, mac = rest.partition(".")
    ours = [_mac(key, export_id, until).encode() for key in all_secrets("exports")]
    if not any(hmac.compare_digest(mac.encode(), one) for one in ours):
        raise NotFound()
    found = session.get(Export, export_id)
    if found is None or found.made_at is None or int(until) < at.timestamp():
        raise ExportGone()
    return found


def file_of(one: Export) -> str:
    """Where a copy lies. Whose it is does not matter: two may turn out to be one person."""
    return f"exports/{one.id}.zip"


def waiting(session: Session) -> list[str]:
    """List the copies that are to be made, the oldest first."""
    query = select(Export.id).where(Export.made_at.is_(None), Export.problem == "")
    return list(session.scalars(query.order_by(Export.asked_at)))


def draft_file() -> Path:
    """Make a file of our own to write a copy into; those that a crash left behind go."""
    folder = Path(current_app.config["STREETWISE"].instance) / "drafts"
    folder.mkdir(mode=0o700, exist_ok=True)
    for old in folder.iterdir():
        if old.stat().st_mtime < time.time() - 86_400:
            old.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(prefix=secrets.token_hex(4), suffix=".zip", dir=folder)
    os.close(handle)
    return Path(name)
