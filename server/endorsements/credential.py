"""What somebody says about a badge, an organiser or an award, as an EndorsementCredential (Open Badges 3.0, B.4).

Pure: no clock, no database. The standard has words for what is said and for who signs, none for a person who was
invited to say it; so their name stands where any wallet shows it: in the comment, and in the credential's name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from server.badges.canonical import Document
from server.badges.contexts import CREDENTIALS_V2, OPEN_BADGES
from server.badges.credential import Profile, day, status_entry, tidy, write_profile
from server.core.i18n import gettext


@dataclass(frozen=True)
class Said:
    """All that goes into one endorsement. `person` is {"name", "role", "organisation"}; empty: the issuer speaks."""

    id: str
    issuer: Profile
    person: Mapping[str, str]
    subject: str
    about: str
    text: str
    at: datetime
    status_list: str
    status_index: int


def build(said: Said) -> Document:
    """Write the credential, without proofs; its time is a day."""
    by = said.person.get("name") or said.issuer.name
    document: Document = tidy(
        {
            "@context": [CREDENTIALS_V2, OPEN_BADGES],
            "id": said.id,
            "type": ["VerifiableCredential", "EndorsementCredential"],
            "name": gettext("%(who)s about “%(what)s”", who=by, what=said.about),
            "description": _explain(said),
            "issuer": write_profile(said.issuer),
            "validFrom": day(said.at),
            "credentialSubject": {
                "id": said.subject,
                "type": ["EndorsementSubject"],
                "endorsementComment": _comment(said),
            },
            "credentialStatus": status_entry(said.status_list, said.status_index),
        }
    )
    return document


def _explain(said: Said) -> str:
    if not said.person:
        return gettext("%(organiser)s says this and signed it.", organiser=said.issuer.name)
    return gettext(
        "%(organiser)s signed this for %(who)s, who had an invitation. Nobody checked who they are.",
        organiser=said.issuer.name,
        who=said.person["name"],
    )


def _comment(said: Said) -> str:
    return f"{said.text}\n\n— {byline(said.person)}" if said.person else said.text


def byline(person: Mapping[str, str]) -> str:
    """Write who a person says they are: `Jo Baker, trainer, Rowing Club`."""
    return ", ".join(one for name in ("name", "role", "organisation") if (one := person.get(name, "")))
