"""A user's second factor: an authenticator app (TOTP, RFC 6238) with spare codes, or a passkey beside the mail link.

A passkey alone is two factors: what one has, and the finger, face or PIN that it asks for.
"""

import hmac
import secrets
import unicodedata
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.accounts.models import Passkey, SecondFactor, User
from server.cities.models import City, CityMember
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.secrets import all_secrets, secret
from server.organisers.models import Member

GRACE = timedelta(days=7)
"""So long somebody who must have a second factor may do without, but for what is dangerous."""
STEP = 30
"""Seconds that a code of the app is shown (RFC 6238, X)."""
SET_UP_WITHIN = timedelta(hours=1)
SPARE_CODES, SPARE_LENGTH = 10, 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class CodeWrong(DomainError):
    """Not the code of now, or one that was used."""

    status, code = 422, "code_wrong"

    def explain(self) -> str:
        return gettext("This code does not fit, or it was used. Wait for the next one and try again.")


class SetUpTooSlow(DomainError):
    status, code = 410, "set_up_too_slow"

    def explain(self) -> str:
        return gettext("That took more than an hour. Scan the new code.")


class LastFactor(DomainError):
    """The only second factor of somebody who must have one."""

    status, code = 422, "last_factor"

    def explain(self) -> str:
        return gettext("This is your only second factor, and your role needs one. Set up another one first.")


@dataclass(frozen=True, slots=True)
class Factors:
    """What a user has, and must have."""

    app: bool
    passkeys: int
    spare: int  # codes that are left
    due: datetime | None  # one must be there from then on; None: none is required

    @property
    def required(self) -> bool:
        return self.due is not None

    @property
    def missing(self) -> bool:
        """Say whether a second factor is to be set up."""
        return self.required and not self.app and not self.passkeys

    @property
    def asked(self) -> bool:
        """Say whether a second factor is asked for at sign-in. A passkey that nobody requires is only convenient."""
        return self.app or (self.required and self.passkeys > 0)


def factors_of(session: Session, user: User) -> Factors:
    app = _confirmed(session, user)
    passkeys = session.scalars(select(Passkey.id).where(Passkey.user_id == user.id)).all()
    return Factors(app is not None, len(passkeys), len(app.spare_digests) if app else 0, _due(session, user))


def _due(session: Session, user: User) -> datetime | None:
    """Say from when on a user must have a second factor: an owner of an organiser, or anybody of a city's team.

    The days of grace begin with the first of such roles; with the upgrade that knew of none before.
    """
    if current_app.config["STREETWISE"].second_factor != "required":
        return None
    owns = select(Member.since).where(Member.user_id == user.id, Member.role == "owner")
    of_city = select(CityMember.created_at).where(CityMember.user_id == user.id)
    since = min([*session.scalars(owns), *session.scalars(of_city)], default=None)
    return since + GRACE if since else None


def offer(user: User) -> str:
    """Make a secret for an authenticator app, sealed for the form that brings it back: nothing is kept until a code fits."""
    return sealing().encrypt(f"{user.id} {pyotp.random_base32()}".encode()).decode()


def open_offer(user: User, offered: str) -> str:
    """Return the secret of an offer to this user (base32). Raises SetUpTooSlow for one that is old or not ours."""
    try:
        opened = sealing().decrypt(offered.encode(), ttl=int(SET_UP_WITHIN.total_seconds())).decode()
    except InvalidToken as error:
        raise SetUpTooSlow() from error
    owner, _, key = opened.partition(" ")
    if owner != user.id:
        raise SetUpTooSlow()
    return key


def address_for_app(user: User, city: City, key: str) -> str:
    """Return what the QR code tells the app: `otpauth://totp/…`."""
    return pyotp.TOTP(key).provisioning_uri(name=user.email, issuer_name=city.name)


def confirm(session: Session, user: User, offered: str, code: str, at: datetime) -> list[str]:
    """Keep an app whose first code fits, in place of an earlier one; return the spare codes, told only now.

    Raises SetUpTooSlow, CodeWrong.
    """
    key = open_offer(user, offered)
    step = _step_of(key, code, at)
    if step is None:
        raise CodeWrong()
    kept = session.get(SecondFactor, user.id)
    if kept is None:
        kept = SecondFactor(user_id=user.id, last_step=0)
        session.add(kept)
    kept.secret = sealing().encrypt(key.encode()).decode()
    kept.confirmed_at, kept.last_step = at, step
    return renew_spare_codes(session, kept)


def renew_spare_codes(session: Session, app: SecondFactor) -> list[str]:
    """Make new codes for when the app is lost; the earlier ones are void."""
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(SPARE_LENGTH)) for _ in range(SPARE_CODES)]
    app.spare_digests = [_digest(app.user_id, one, secret("second-factors")) for one in codes]
    session.flush()
    return [f"{one[:5]}-{one[5:]}" for one in codes]


def find_app(session: Session, user: User) -> SecondFactor:
    """Return a user's authenticator app. Raises CodeWrong when there is none."""
    found = _confirmed(session, user)
    if found is None:
        raise CodeWrong()
    return found


def use_code(session: Session, user: User, code: str, at: datetime) -> None:
    """Use a code of the app, or a spare one; each works once. Raises CodeWrong."""
    app = find_app(session, user)
    typed = read_code(code)
    if not typed.isdecimal():
        _use_spare(session, app, typed.replace("-", ""))
        return
    step = _step_of(sealing().decrypt(app.secret.encode()).decode(), typed, at)
    newer = update(SecondFactor).where(SecondFactor.user_id == user.id, SecondFactor.last_step < (step or 0))
    used = newer.values(last_step=step).returning(SecondFactor.user_id)
    if step is None or session.execute(used).first() is None:
        raise CodeWrong()


def read_code(written: str) -> str:
    """Read a code as it was typed: without spaces, in small letters, digits of any script as ours."""
    return "".join(str(unicodedata.decimal(one, one)) for one in "".join(written.split()).lower())


def drop_app(session: Session, user: User) -> None:
    session.delete(find_app(session, user))
    session.flush()


def check_may_lose(session: Session, user: User, *, app: bool = False, passkeys: int = 0) -> None:
    """Raise LastFactor when these are all that somebody has who must have a second factor."""
    has = factors_of(session, user)
    if has.required and not (has.app and not app) and has.passkeys <= passkeys:
        raise LastFactor()


def _use_spare(session: Session, app: SecondFactor, typed: str) -> None:
    session.refresh(app, with_for_update=True)  # two at once must not both use it
    tried = [_digest(app.user_id, typed, key) for key in all_secrets("second-factors")]
    left = [one for one in app.spare_digests if one not in tried]
    if len(left) == len(app.spare_digests):
        raise CodeWrong()
    app.spare_digests = left
    session.flush()


def _step_of(key: str, code: str, at: datetime) -> int | None:
    """Return the step whose code was typed: now, or one before or after, for clocks that differ."""
    typed, totp = read_code(code).encode(), pyotp.TOTP(key, interval=STEP)
    now = int(at.timestamp()) // STEP
    steps = (now - 1, now, now + 1)
    fitting = [one for one in steps if hmac.compare_digest(totp.generate_otp(one).encode(), typed)]
    return max(fitting, default=None)


def _confirmed(session: Session, user: User) -> SecondFactor | None:
    found = session.get(SecondFactor, user.id)
    return found if found and found.confirmed_at else None


def sealing() -> MultiFernet:
    """Return what seals words that come back to us from a form or a link."""
    return MultiFernet([Fernet(urlsafe_b64encode(one)) for one in all_secrets("second-factors")])


def _digest(user: str, code: str, key: bytes) -> str:
    return hmac.digest(key, f"{user} {code}".encode(), "sha256").hex()
