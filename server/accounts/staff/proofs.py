"""Proving again who one is: by a passkey, a code of the app, a spare code, or a code in a mail for who has neither."""

import hmac
import json
import logging
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from limits import parse_many
from sqlalchemy.orm import Session

from server.accounts import passkeys
from server.accounts.models import Passkey, SignInLink, User, UserSession
from server.accounts.services import LinkSpent, hash_token, use_link
from server.accounts.staff import factors
from server.core.errors import TooMany
from server.core.i18n import gettext
from server.core.limits import limiter, network
from server.core.secrets import secret

_log = logging.getLogger(__name__)
MAILED_LASTS = timedelta(minutes=10)
MAILED_DIGITS = 8
WRONG_RATE = "6 per minute;30 per hour"
"""Codes that one person may get wrong. Only who has signed in already comes so far, so nobody is kept out by strangers."""


class MailedCodeWrong(factors.CodeWrong):
    """Not the code of a mail that this session asked for in the last minutes."""

    def explain(self) -> str:
        return gettext(
            "This code does not fit, or it is too old. Look at the latest mail, or have another code sent."
        )


def read_credential(written: str) -> Mapping[str, Any]:
    """Read a passkey's answer as the page's form brings it. Raises PasskeyRefused."""
    try:
        read = json.loads(written)
    except (ValueError, RecursionError) as error:
        raise passkeys.PasskeyRefused() from error
    if not isinstance(read, dict):
        raise passkeys.PasskeyRefused()
    return read


def show_passkey(
    session: Session, written: str, purpose: str, at: datetime, user: User | None = None
) -> Passkey:
    """Check a passkey of staff, which asked for finger, face or PIN; of this user if one is named. Raises PasskeyRefused."""
    credential = read_credential(written)
    challenge = passkeys.use_challenge(session, credential, purpose, at=at, user=user)
    shown = passkeys.check_shown(session, credential, challenge, passkeys.site(), at=at, verified=True)
    if shown.user_id is None or (user and shown.user_id != user.id):
        raise passkeys.PasskeyRefused()
    return shown


def check_code(session: Session, user: User, code: str, at: datetime) -> None:
    """Use a code of the app or a spare one. Raises CodeWrong, TooMany."""
    _check_may_try(user)
    try:
        factors.use_code(session, user, code, at)
    except factors.CodeWrong:
        count_wrong(user)
        raise


def make_mailed_code(session: Session, user: User, opened: UserSession, at: datetime) -> str:
    """Make a code that proves, in this session alone, that one reads the user's mailbox."""
    code = "".join(secrets.choice("0123456789") for _ in range(MAILED_DIGITS))
    token = _mailed_token(opened, code)
    session.add(SignInLink(token_hash=hash_token(token), user_id=user.id, expires_at=at + MAILED_LASTS))
    session.flush()
    return code


def check_mailed_code(session: Session, user: User, opened: UserSession, code: str, at: datetime) -> None:
    """Use a code that was mailed. Raises CodeWrong, TooMany."""
    _check_may_try(user)
    try:
        use_link(session, _mailed_token(opened, factors.read_code(code)), at)
    except LinkSpent as error:
        count_wrong(user)
        raise MailedCodeWrong() from error


def _mailed_token(opened: UserSession, code: str) -> str:
    """Only the server can make one of so short a code, so the code opens nothing else."""
    return hmac.digest(secret("second-factors"), f"mailed {opened.id} {code}".encode(), "sha256").hex()


def _check_may_try(user: User) -> None:
    if limiter.enabled and not all(
        limiter.limiter.test(one, "codes", user.id) for one in parse_many(WRONG_RATE)
    ):
        raise TooMany()


def count_wrong(user: User) -> None:
    """Count a code that did not fit, and leave a trace for the operator."""
    _log.warning("A wrong code at the desk for user %s, from %s.", user.id, network())
    if limiter.enabled:
        for one in parse_many(WRONG_RATE):
            limiter.limiter.hit(one, "codes", user.id)
