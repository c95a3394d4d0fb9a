"""Staff sign in by a link that works once, or by a passkey; their browser then holds a session that can be ended."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from server.accounts.models import SignInLink, User, UserSession
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.shell import absolute

LINK_LASTS = timedelta(hours=12)
SESSION_LASTS = timedelta(days=30)
IDLE_LASTS = timedelta(days=14)
"""A browser that nobody has used at the desk for so long is signed out."""
SEEN_EVERY = timedelta(hours=1)
HOME = "/desk/"
_BY_MAIL = "m."
"""How the token of a link begins that went by mail. Other links come from the operator, who needs no second factor."""


class LinkSpent(DomainError):
    """Used, expired, or never made by us: which one is nobody's business."""

    status, code = 410, "link_spent"

    def explain(self) -> str:
        return gettext("This sign-in link no longer works. Have a new one sent to you.")


@dataclass(frozen=True, slots=True)
class From:
    """The browser that opens a session, and from where."""

    agent: str = ""
    network: str = ""


def make_sign_in_link(
    session: Session,
    user: User,
    *,
    at: datetime,
    lasts: timedelta = LINK_LASTS,
    next: str = HOME,
    by_mail: bool = False,
) -> str:
    """Make an address that signs this user in once, then leads to `next`.

    The token is in the fragment, so it reaches no log and no referrer; only its hash is stored.
    """
    token = (_BY_MAIL if by_mail else "") + secrets.token_urlsafe(24)
    session.add(SignInLink(token_hash=hash_token(token), user_id=user.id, expires_at=at + lasts))
    session.flush()
    query = "" if next == HOME else "?" + urlencode({"next": next})
    return absolute(f"/desk/sign-in{query}#{token}")


def sign_in(session: Session, token: str, at: datetime, where: From | None = None) -> str:
    """Use up a link's token and open a session; return the session's own token. Raises LinkSpent."""
    user = use_link(session, token, at)
    by_mail = token.startswith(_BY_MAIL)
    return open_session(session, user, "link" if by_mail else "command", at, where, second=not by_mail)


def whose_link(session: Session, token: str, at: datetime) -> User | None:
    """Say whom a link would sign in, without using it up."""
    query = select(User).join(SignInLink, SignInLink.user_id == User.id).where(_opens(token, at))
    return session.scalar(query)


def use_link(session: Session, token: str, at: datetime) -> str:
    """Use up a link's token and return the id of its user. Raises LinkSpent."""
    used = session.execute(
        update(SignInLink).where(_opens(token, at)).values(used_at=at).returning(SignInLink.user_id)
    ).scalar_one_or_none()
    if used is None:
        raise LinkSpent()
    return used


def open_session(
    session: Session, user: str, way: str, at: datetime, where: From | None = None, *, second: bool = False
) -> str:
    """Open a session of a user by a way (link, passkey, invitation, command), and return its token, told only now.

    `second`: the way is as good as two factors. Whoever signs in has proved just now who they are.
    """
    where = where or From()
    opened = secrets.token_urlsafe(32)
    session.add(
        UserSession(
            token_hash=hash_token(opened),
            user_id=user,
            agent=where.agent[:300],
            network=where.network,
            created_at=at,
            seen_at=at,
            expires_at=at + SESSION_LASTS,
            way=way,
            second_at=at if second else None,
            proved_at=at,
        )
    )
    session.flush()
    return opened


def find_session(session: Session, token: str, at: datetime) -> UserSession | None:
    """Find the session of a browser, as long as it holds."""
    return session.scalar(select(UserSession).where(UserSession.token_hash == hash_token(token), _holds(at)))


def user_of(session: Session, token: str, at: datetime) -> User | None:
    """Say who holds this session, as long as it holds."""
    found = find_session(session, token, at)
    return session.get(User, found.user_id) if found else None


def sessions_of(session: Session, user: str, at: datetime) -> Sequence[UserSession]:
    """List where a user is signed in, the last used first."""
    query = select(UserSession).where(UserSession.user_id == user, _holds(at))
    return session.scalars(query.order_by(UserSession.seen_at.desc(), UserSession.id)).all()


def rotate(session: Session, opened: UserSession, at: datetime, *, second: bool) -> str:
    """Note that it was proved again who this is, and return the new token of the session; the old one is void."""
    token = secrets.token_urlsafe(32)
    opened.token_hash, opened.proved_at = hash_token(token), at
    if second:
        opened.second_at = at
    session.flush()
    return token


def note_seen(session: Session, token: str, at: datetime) -> None:
    """Keep when a session was last used, to the hour."""
    session.execute(update(UserSession).where(UserSession.token_hash == hash_token(token)).values(seen_at=at))


def end_sessions(session: Session, user: str, *, only: str = "", but: str = "") -> int:
    """End the session of that id, or all of a user's but one; return how many ended."""
    query = delete(UserSession).where(UserSession.user_id == user, UserSession.id != but)
    if only:
        query = query.where(UserSession.id == only)
    return len(session.execute(query.returning(UserSession.id)).all())


def sign_out(session: Session, token: str) -> None:
    """End a session, for this browser at least."""
    session.execute(delete(UserSession).where(UserSession.token_hash == hash_token(token)))


def safe_next(path: str | None) -> str:
    """Return where to go after signing in: a path of ours, never another site's address."""
    if not path or not path.startswith("/desk/") or "\\" in path or any(c < " " for c in path):
        return HOME
    return path


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _opens(token: str, at: datetime) -> ColumnElement[bool]:
    known = SignInLink.token_hash == hash_token(token)
    return known & SignInLink.used_at.is_(None) & (SignInLink.expires_at > at)


def _holds(at: datetime) -> ColumnElement[bool]:
    last = func.coalesce(UserSession.seen_at, UserSession.created_at)
    return (UserSession.expires_at > at) & (last > at - IDLE_LASTS)
