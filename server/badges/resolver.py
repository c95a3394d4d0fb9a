"""What verification may know: our own issuers, lists and documents; other sites' where the operator allows it."""

import json
import re
from datetime import datetime
from urllib.parse import quote

from flask import current_app

from server.badges import lists
from server.badges.canonical import Document
from server.badges.issuers import did, did_document
from server.badges.keys import SignerUnavailable
from server.badges.models import StatusList
from server.badges.verification import Fetched, KnownIssuer
from server.badges.verification.fetching import Outside
from server.core.db import db
from server.core.i18n import pick
from server.core.shell import absolute
from server.organisers.models import Organiser

_ID = re.compile(r"[0-9a-z-]{1,36}")
_DOCUMENT = re.compile(
    r"(ob2/(assertions|badges|issuers|keys|revocations)|credentials)/[0-9A-Za-z_-]{1,64}(\.json)?"
)


class OwnRecords:
    """Answers from our database, as of a moment. Other sites are asked only if `outside` is given."""

    def __init__(self, at: datetime, outside: Outside | None = None) -> None:
        self._at = at
        self._outside = outside

    @property
    def asks_outside(self) -> bool:
        """Say whether other sites are asked at all."""
        return self._outside is not None

    def is_ours(self, address: str) -> bool:
        host = f"did:web:{quote(current_app.config['STREETWISE'].public_host, safe='.-')}"
        return address == host or address.startswith((f"{host}:", absolute("/")))

    def issuer(self, did_: str) -> KnownIssuer | None:
        organiser = db.session.get(Organiser, _last(did_, ":"))
        if not organiser or did(organiser.id) != did_:
            return None
        return KnownIssuer(did_document(organiser), pick(organiser.name))

    def status_list(self, url: str) -> Document | None:
        listing = db.session.get(StatusList, _last(str(url), "/"))
        if not listing or absolute(f"/status/{listing.id}") != url:
            return None
        try:
            found: Document = json.loads(lists.current(listing, self._at))
        except SignerUnavailable:
            return None
        return found

    def fetch(self, url: str) -> Fetched | None:
        """Read an address of ours without any network, or one of another site's."""
        if self.is_ours(url):
            return _own_document(url)
        return self._outside.fetch(url) if self._outside else None


def resolver(at: datetime) -> OwnRecords:
    """Make the resolver for one check, as the operator set it."""
    allowed = current_app.config["STREETWISE"].verify_fetch
    return OwnRecords(at, Outside() if allowed else None)


def _own_document(url: str) -> Fetched | None:
    """Answer for one of our own addresses that verifiers read, by asking ourselves."""
    path = url.removeprefix(absolute("/"))
    if not _DOCUMENT.fullmatch(path):
        return None
    with current_app.test_request_context(f"/{path}", headers={"Accept": "application/json"}):
        response = current_app.full_dispatch_request()
        answered = (200, 410) if response.mimetype != "text/html" else ()
        return (
            Fetched(response.status_code, response.get_data()) if response.status_code in answered else None
        )


def _last(address: str, separator: str) -> str:
    """Return the id at the end of an address; empty when it can be none of ours."""
    last = address.rpartition(separator)[2]
    return last if _ID.fullmatch(last) else ""
