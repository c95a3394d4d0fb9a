"""What verification may know with no network: our own issuers and our own status lists."""

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
from server.badges.verification import KnownIssuer
from server.core.db import db
from server.core.i18n import pick
from server.core.shell import absolute
from server.organisers.models import Organiser

_ID = re.compile(r"[0-9a-z-]{1,36}")


class OwnRecords:
    """Answers from our database, as of a moment; everything else is unknown."""

    def __init__(self, at: datetime) -> None:
        self._at = at

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


def _last(address: str, separator: str) -> str:
    """Return the id at the end of an address; empty when it can be none of ours."""
    last = address.rpartition(separator)[2]
    return last if _ID.fullmatch(last) else ""
