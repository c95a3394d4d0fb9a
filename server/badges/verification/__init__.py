"""Checks a badge, ours or anybody's, in four separate results: signature, issuer, status, dates.

A `Resolver` knows our own issuers and lists, and reads other sites only where the operator allows it; what cannot
be known "could not be checked", which must never look like "ok". What is read may be hostile.
"""

from datetime import datetime

from server.badges.verification.dates import check_dates
from server.badges.verification.issuers import check_issuer
from server.badges.verification.jwt import check_token
from server.badges.verification.reading import LIMIT, Badge, BadgeUnreadable, read
from server.badges.verification.records import badges_in, is_record, join
from server.badges.verification.report import FAILED, Check, Report, not_looked_at
from server.badges.verification.resolving import Fetched, KnownIssuer, Resolver
from server.badges.verification.signatures import check_proofs
from server.badges.verification.statuses import check_status
from server.badges.verification.version_2 import check_version_2
from server.core.errors import DomainError
from server.core.i18n import gettext

__all__ = [
    "LIMIT", "AddressNotRead", "Badge", "BadgeUnreadable", "Check", "Fetched", "KnownIssuer", "Report", "Resolver",
    "judge", "read", "verify",
]  # fmt: skip


def verify(content: bytes, resolver: Resolver, at: datetime) -> Report:
    """Check a badge in any form.

    Raises BadgeUnreadable, TooLarge, PictureUnreadable, PictureEmpty, AddressNotRead.
    """
    return judge(read(content, lambda url: _follow(url, resolver)), resolver, at)


def judge(badge: Badge, resolver: Resolver, at: datetime) -> Report:
    """Return the four results for a badge that was read, or for a record and every badge in it."""
    if not is_record(badge.document):
        return _judge_alone(badge, resolver, at)
    inside = [_judge_alone(Badge(one), resolver, at) for one in badges_in(badge.document)]
    return join(_judge_alone(badge, resolver, at), inside)


def _judge_alone(badge: Badge, resolver: Resolver, at: datetime) -> Report:
    document = badge.document
    if badge.is_version_2:
        return check_version_2(document, badge.token, resolver, at)
    if badge.token:
        signature = check_token(document, badge.token, resolver)
    else:
        signature = check_proofs(document, resolver, at)
    if signature.state == FAILED:
        issuer, bit, dates = (not_looked_at(name) for name in ("issuer", "status", "dates"))
    else:
        issuer = check_issuer(document, signature, resolver)
        bit = check_status(document, resolver, at)
        dates = check_dates(document, at)
    return Report(signature, issuer, bit, dates, document)


class AddressNotRead(DomainError):
    status, code = 422, "address_not_read"

    def explain(self) -> str:
        return gettext(
            "We did not open this address. Save the badge as a file there, and choose the file here."
        )


def _follow(url: str, resolver: Resolver) -> bytes:
    fetched = resolver.fetch(url)
    if fetched is None or fetched.status != 200:
        raise AddressNotRead()
    return fetched.content
