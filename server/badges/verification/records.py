"""Reads learner records (CLR 2.0): several badges in one signed credential, each of which must hold by itself.

No package carries the bytes of the CLR's context at a version that could be pinned. So the few words that a record
has of its own are listed here; what else it says could mean anything, and is left unchecked.
"""

from typing import Any

from server.badges.canonical import Document
from server.badges.contexts import ContextUnknown
from server.badges.verification.report import OK, UNCHECKED, Check, Report, as_list, weakest
from server.core.i18n import gettext, ngettext

MOST_BADGES = 50
"""Each takes as long as a badge that comes alone."""
_CONTEXT = "https://purl.imsglobal.org/spec/clr/v2p0/"
_SUBJECT = {"id", "type", "verifiableCredential", "association"}
_ASSOCIATION = {"type", "associationType", "sourceId", "targetId"}
_AS_BADGE = {"ClrCredential": "OpenBadgeCredential", "ClrSubject": "AchievementSubject"}


def is_record(document: Document) -> bool:
    """Say whether a credential is a record of several badges."""
    return "ClrCredential" in as_list(document.get("type"))


def badges_in(document: Document) -> list[Document]:
    """List the badges in a record that are written out."""
    found = as_list(_subject(document).get("verifiableCredential"))[:MOST_BADGES]
    return [one for one in found if isinstance(one, dict) and not is_record(one)]


def without_badges(document: Document) -> Document:
    """Return what a record says itself, in words of a badge and without proofs; every other credential as it is.

    Raises ContextUnknown for a record with words that we do not know.
    """
    if not is_record(document):
        return document
    if not _is_known(document):
        raise ContextUnknown(url=_CONTEXT)
    rest = {name: value for name, value in document.items() if name not in ("partial", "proof")}
    subject = _subject(document)
    return {
        **rest,
        "@context": [one for one in as_list(document.get("@context")) if not _is_context(one)],
        "type": _as_badge(document["type"]),
        "credentialSubject": {**_id_of(subject), "type": _as_badge(subject.get("type"))},
    }


def _is_known(document: Document) -> bool:
    subject = _subject(document)
    badges, links = (as_list(subject.get(name)) for name in ("verifiableCredential", "association"))
    return (
        set(subject) <= _SUBJECT
        and len(badges_in(document)) == len(badges)
        and all(isinstance(one, dict) and set(one) <= _ASSOCIATION for one in links)
        and all(isinstance(value, str) for one in links for value in one.values())
        and isinstance(document.get("partial", True), bool)
    )


def _is_context(address: Any) -> bool:
    return isinstance(address, str) and address.startswith(_CONTEXT)


def _as_badge(kinds: Any) -> list[Any]:
    return [_AS_BADGE.get(kind, kind) if isinstance(kind, str) else kind for kind in as_list(kinds)]


def _id_of(subject: Document) -> Document:
    return {"id": subject["id"]} if "id" in subject else {}


def _subject(document: Document) -> Document:
    found = document.get("credentialSubject")
    return found if isinstance(found, dict) else {}


def join(record: Report, inside: list[Report]) -> Report:
    """Join the results of a record and of the badges in it: the weakest counts, and is named."""
    if record.signature.state != OK:
        return record
    signature, issuer, dates = (
        _weakest(own, [(one, check) for one in inside for check in one.checks if check.name == own.name])
        for own in (record.signature, record.issuer, record.dates)
    )
    own = [record.status] if "credentialStatus" in record.document else []
    status = _weakest(_status(own, len(inside)), [(one, one.status) for one in inside])
    return Report(signature, issuer, status, dates, record.document)


def _weakest(own: Check, inside: list[tuple[Report, Check]]) -> Check:
    state = weakest([own.state, *(check.state for _, check in inside)])
    weak = [pair for pair in inside if pair[1].state == state and (own.state != state or pair[1].domain)]
    if not weak or own.domain:
        return own
    report, check = weak[0]
    name = str(report.document.get("name", ""))[:80]
    return Check(own.name, state, f"“{name}”: {check.words}", check.domain)


def _status(own: list[Check], count: int) -> Check:
    """Say what holds if every badge inside does; a record has seldom a list of its own."""
    if own and own[0].state != OK:
        return own[0]
    if not count:
        return Check("status", UNCHECKED, gettext("There is no badge in this record."))
    words = ngettext(
        "The badge in it has not been withdrawn, says its issuer's list.",
        "None of the %(num)d badges in it has been withdrawn, say their issuers' lists.",
        count,
    )
    return Check("status", OK, words)
