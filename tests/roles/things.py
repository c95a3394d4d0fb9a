"""What stands for each part of an address: of our museum, and of another one.

A new name in an address needs a line here: what comes right before it, or the name alone, and which of a house's things it
is. `=…` is a word that is the same for all houses.
"""

import re
from functools import cache

from werkzeug.routing import Rule

from tests.roles.street import House

THINGS = {
    # At the desk
    "/desk/<organiser>": "organiser",
    "/desk/<org>": "organiser",
    "/desk/<slug>": "organiser",
    "/desk/activities/<slug>": "activity",
    "/desk/playlists/<slug>": "playlist",
    "/desk/city/organisers/<slug>": "organiser",
    "/desk/city/team/<member_id>": "city_member",
    "/desk/city/team/invitations/<invitation_id>": "city_invitation",
    "/desk/<kind>/<key>": "activity",
    "/desk/<kind>/<name>": "activity",
    "/desk/<kind>": "=activities",
    "/desk/codes/<key>": "code",
    "/desk/codes/<key>.<form>": "=svg",
    "/desk/codes/<code_id>": "code",
    "/desk/<organiser>/badges/<id>": "draft",
    "/desk/<organiser>/people/<id>": "member",
    "/desk/<organiser>/people/invitations/<id>": "invitation",
    "/desk/me/passkeys/<id>": "passkey",
    "/desk/sessions/<id>": "session",
    "/desk/<slug>/endorsements/<id>": "endorsement",
    "/desk/<slug>/endorsements/<id>/<word>": "=show",
    "/desk/<slug>/endorsements/new/<kind>": "=organiser",
    "/desk/<slug>/endorsements/new/<kind>/<id>": "beside_id",
    "<class_id>": "school_class",
    "/desk/<org>/classes/<class_id>/members/<member_id>": "class_member",
    "<series>": "series",
    "<award_id>": "award",
    "<batch_id>": "batch",
    "<number>": "=2",
    "<digest>": "asked",
    "<link_id>": "link",
    "<occurrence_id>": "session",
    "<child>": "=nobody",
    "<learner>": "=nobody",
    "<event>": "=nothing",
    "<sha256>": "=" + "0" * 64,
    # For everybody
    "<lang>": "=en",
    "/<lang>/<name>": "=scan",
    "/<lang>/activities/<slug>": "activity",
    "/<lang>/playlists/<slug>": "playlist",
    "/<lang>/organisers/<slug>": "organiser",
    "/<lang>/sessions/<id>": "session",
    "/organisers/<slug>": "organiser",
    "/portfolio/<slug>": "=nobody",
    "<achievement_id>": "achievement",
    "/endorsements/<credential_id>": "endorsement_credential",
    "<credential_id>": "credential",
    "<organiser_id>": "organiser_id",
    "<playlist_id>": "playlist_id",
    "/orgs/<organiser_id>/keys/<number>": "=1",
    "<start>": "=nothing",
    "<written>": "point",
    "<list_id>": "=nothing",
    "<ending>": "=png",
    "<framework>": "=esco",
    "<code>": "=nothing",
    "<occurrence>": "session",
    # Secrets, and what belongs to a phone
    "<secret>": "=nothing",
    "<token>": "=nothing",
    "<link>": "=nothing",
    "<wallet>": "=nothing",
    "/api/imports/<id>": "=nothing",
    "/api/mails/<id>": "=nothing",
    "<_name>": "=token",
}


class NoThing(Exception):
    """An address has a part that nothing stands for yet."""


@cache
def plain(rule: str) -> str:
    """Write a rule with its names only: `<any(a, b):kind>` is `<kind>`."""
    return re.sub(r"<[^<>]*?(\w+)>", r"<\1>", rule)


def thing_of(rule: Rule, name: str) -> str:
    """Say what stands for a part of an address: by all that comes before it, else by its name. Raises NoThing."""
    before = plain(rule.rule).partition(f"<{name}>")[0] + f"<{name}>"
    found = THINGS.get(before) or THINGS.get(f"<{name}>")
    if found is None:
        raise NoThing(
            f"{rule.rule}: nothing stands for <{name}>. Add a line to THINGS in tests/roles/things.py, like "
            f'"{before}": "…", with one of the things of House (tests/roles/street.py); a thing that no House has yet '
            "is made in _furnish() there, once for each of the three museums."
        )
    return found


def path_of(rule: Rule, house: House, swapped: str = "", other: House | None = None) -> str:
    """Write an address of a house; `swapped`: the part that names a thing of another house."""
    values = {}
    for name in rule.arguments:
        thing = thing_of(rule, name)
        owner = other if other and name == swapped else house
        values[name] = thing[1:] if thing.startswith("=") else getattr(owner, thing)
    built = rule.build(_converted(rule, values))
    assert built is not None, (rule.rule, values)
    return built[1]


def _converted(rule: Rule, values: dict[str, str]) -> dict[str, str | int]:
    return {name: int(one) if f"int:{name}" in rule.rule else one for name, one in values.items()}


def parts_to_swap(rule: Rule) -> list[str]:
    """List the parts of an address that name something which belongs to somebody."""
    return sorted(name for name in rule.arguments if not thing_of(rule, name).startswith("="))
