"""Staff sign in by a link that works once; their browser then holds a session that can be ended."""

import hashlib
import secrets
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from server.accounts.models import SignInLink, User, UserSession
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.shell import absolute

LINK_LASTS = timedelta(hours=12)
SESSION_LASTS = timedelta(days=30)
HOME = "/desk/"


class LinkSpent(DomainError):
    """Used, expired, or never made by us: which one is nobody's business."""

    status, code = 410, "link_spent"

    def explain(self) -> str:
        return gettext("This sign-in link no longer works. Ask for a new one.")


def make_sign_in_link(
    session: Session, user: User, *, at: datetime, lasts: timedelta = LINK_LASTS, next: str = HOME
) -> str:
    """Make an address that signs this user in once, then leads to `next`.

    The token is in the fragment, so it reaches no log and no referrer; only its hash is stored.
    """
    token = secrets.token_urlsafe(24)
    session.add(SignInLink(token_hash=_hash(token), user_id=user.id, expires_at=at + lasts))
    session.flush()
    query = "" if next == HOME else "?" + urlencode({"next": next})
    return absolute(f"/desk/sign-in{query}#{token}")


def sign_in(session: Session, token: str, at: datetime) -> str:
    """Use up a link's token and open a session; return the session's own token. Raises LinkSpent."""
    used = session.execute(
        update(SignInLink)
        .where(
            SignInLink.token_hash == _hash(token), SignInLink.used_at.is_(None), SignInLink.expires_at > at
        )
        .values(used_at=at)
        .returning(SignInLink.user_id)
    ).scalar_one_or_none()
    if used is None:
        raise LinkSpent()
    opened = secrets.token_urlsafe(32)
    session.add(
        UserSession(token_hash=_hash(opened), user_id=used, created_at=at, expires_at=at + SESSION_LASTS)
    )
    session.flush()
    return opened


def user_of(session: Session, token: str, at: datetime) -> User | None:
    """Say who holds this session, as long as it holds."""
    query = select(User).join(UserSession, UserSession.user_id == User.id)
    return session.scalar(query.where(UserSession.token_hash == _hash(token), UserSession.expires_at > at))


def sign_out(session: Session, token: str) -> None:
    """End a session, for this browser at least."""
    session.execute(delete(UserSession).where(UserSession.token_hash == _hash(token)))


def safe_next(path: str | None) -> str:
    """Return where to go after signing in: a path of ours, never another site's address."""
    if not path or not path.startswith("/desk/") or "\\" in path or any(c < " " for c in path):
        return HOME
    return path


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
