"""What an act is called. Every act that is kept stands here (`tests/roles/test_acts.py`)."""

from server.audit.models import AuditEntry
from server.core.i18n import gettext


def act_words(act: str) -> str:
    """Say what was done, like “Published a badge”."""
    return _acts().get(act, act)


def kind_words(kind: str) -> str:
    """Say what acts are about: `badge` of `badge.publish`."""
    return _kinds().get(kind, kind)


def known_acts() -> set[str]:
    return set(_acts())


def act_facts(entry: AuditEntry) -> str:
    """Say what belongs to an act: what it was done to, how many, why."""
    shown = [
        str(entry.facts[one])
        for one in ("name", "badge", "about", "email", "label", "pseudonym")
        if entry.facts.get(one)
    ]
    shown += [_setting_words(one) for one in entry.facts.get("changed", ()) if entry.act == "city.settings"]
    number = entry.facts.get("number", entry.facts.get("rows"))
    shown += [gettext("%(num)s in all", num=number)] if isinstance(number, int) and number != 1 else []
    shown += [_fact_words(entry.facts[one]) for one in ("role", "word") if entry.facts.get(one)]
    shown += [f"“{entry.facts['why']}”"] if entry.facts.get("why") else []
    return " · ".join(shown)


def _fact_words(said: str) -> str:
    names = {
        "owner": gettext("Owner"),
        "editor": gettext("Editor"),
        "reviewer": gettext("Reviewer"),
        "helper": gettext("Helper"),
        "organiser": gettext("Organiser"),
        "accepted": gettext("accepted"),
        "improve": gettext("sent back"),
        "declined": gettext("declined"),
    }
    return names.get(said, said)


def _setting_words(name: str) -> str:
    names = {
        "country": gettext("Country"),
        "privacy": gettext("Privacy"),
        "keeps": gettext("How long what is kept"),
    }
    return names.get(name, name)


def _kinds() -> dict[str, str]:
    return {
        "activity": gettext("Activities"),
        "audit": gettext("This list"),
        "award": gettext("Giving badges"),
        "badge": gettext("Badges"),
        "checkin": gettext("Check-ins"),
        "city": gettext("Settings"),
        "class": gettext("Classes"),
        "code": gettext("Codes"),
        "door": gettext("Doors"),
        "endorsement": gettext("Endorsements"),
        "organiser": gettext("Organisers"),
        "people": gettext("Teams of organisers"),
        "playlist": gettext("Playlists"),
        "session": gettext("Sessions"),
        "staff": gettext("Signing in"),
        "team": gettext("City team"),
        "work": gettext("Work handed in"),
    }


def _acts() -> dict[str, str]:
    return {
        "activity.make": gettext("Made an activity"),
        "activity.checks": gettext("Changed what is looked at"),
        "audit.download": gettext("Downloaded this list"),
        "award.correct": gettext("Corrected somebody's badge"),
        "award.mail": gettext("Sent people the links of a list by mail"),
        "award.mend": gettext("Mended a row of a list"),
        "award.name_people": gettext("Named people for a badge"),
        "award.new_link": gettext("Made somebody's link anew"),
        "award.run": gettext("Gave the badges of a list"),
        "award.undo": gettext("Took back the badges of a list"),
        "award.upload": gettext("Uploaded a list of people"),
        "award.withdraw": gettext("Withdrew somebody's badge"),
        "badge.bring_back": gettext("Began a draft from an older version of a badge"),
        "badge.discard": gettext("Discarded the draft of a badge"),
        "badge.draft": gettext("Began the draft of a badge"),
        "badge.edit": gettext("Changed the draft of a badge"),
        "badge.publish": gettext("Published a badge"),
        "checkin.kept": gettext("Let check-ins count"),
        "checkin.voided": gettext("Made check-ins void"),
        "city.settings": gettext("Changed the city's settings"),
        "class.add": gettext("Added places to a class"),
        "class.card": gettext("Made a new card of a class"),
        "class.end": gettext("Ended a class"),
        "class.make": gettext("Made a class"),
        "code.handed_out": gettext("Noted codes as handed out"),
        "code.leaked": gettext("Withdrew a code that leaked"),
        "code.made": gettext("Made codes"),
        "code.printed": gettext("Printed codes"),
        "code.reissued": gettext("Replaced codes"),
        "code.revoked": gettext("Withdrew codes"),
        "code.well": gettext("Said that a code is well"),
        "door.end_link": gettext("Ended a door's link"),
        "door.link": gettext("Made a link to a door"),
        "endorsement.end_invitation": gettext("Withdrew the link for an endorsement"),
        "endorsement.hide": gettext("Hid an endorsement"),
        "endorsement.invite": gettext("Asked for an endorsement"),
        "endorsement.revoke": gettext("Took an endorsement back"),
        "endorsement.show": gettext("Showed an endorsement"),
        "endorsement.sign": gettext("Signed an endorsement"),
        "organiser.bring_back": gettext("Brought an organiser back"),
        "organiser.invite": gettext("Invited an owner"),
        "organiser.make": gettext("Added an organiser"),
        "organiser.suspend": gettext("Suspended an organiser"),
        "people.invite": gettext("Invited into a team"),
        "people.remove": gettext("Took somebody out of a team"),
        "people.role": gettext("Changed a role in a team"),
        "people.withdraw": gettext("Withdrew an invitation into a team"),
        "playlist.rule": gettext("Changed the rule of a playlist"),
        "session.cancel": gettext("Cancelled a session"),
        "session.change": gettext("Changed a session"),
        "session.copy": gettext("Copied a session"),
        "session.make": gettext("Made a session"),
        "session.restore": gettext("Took back that a session is cancelled"),
        "staff.address": gettext("Changed their mail address"),
        "staff.app_remove": gettext("Removed an authenticator app"),
        "staff.app_set_up": gettext("Set up an authenticator app"),
        "staff.join": gettext("Joined a team"),
        "staff.name": gettext("Changed their name"),
        "staff.passkey_add": gettext("Added a passkey"),
        "staff.passkey_remove": gettext("Removed a passkey"),
        "staff.passkey_rename": gettext("Renamed a passkey"),
        "staff.sign_in": gettext("Signed in"),
        "staff.sign_out_elsewhere": gettext("Signed other browsers out"),
        "staff.spare_codes": gettext("Made new spare codes"),
        "team.invite": gettext("Invited into the city team"),
        "team.remove": gettext("Took somebody out of the city team"),
        "team.role": gettext("Changed a role in the city team"),
        "team.withdraw": gettext("Withdrew an invitation into the city team"),
        "work.decide": gettext("Decided on what was handed in"),
    }
