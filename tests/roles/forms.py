"""What is typed into a form of the desk so that it is accepted; an address without a line here gets `ANY`."""

from tests.roles.street import House

ANY = {
    "reason": "Because",
    "why": "Because",
    "text": "Some words",
    "name": "Somebody",
    "email": "new@example.org",
}


def form_of(endpoint: str, house: House) -> dict[str, str]:
    """Return what to type at an address of a house."""
    return {**ANY, **_forms(house).get(endpoint.rpartition(".")[2], {})}


def _forms(house: House) -> dict[str, dict[str, str]]:
    """Forms by the last word of the endpoint."""
    times = {"day": "2030-05-01", "start": "10:00", "end": "12:00"}
    badge = {
        "do": "save", "name-en": "A badge", "description-en": "For those who came", "criteria-en": "You came.",
        "shape": "circle", "icon": "star", "field": "#14506b", "accent": "#e9b44c",
    }  # fmt: skip
    return {
        "add_activity": {"title": "A walk", "minutes": "60"},
        "add": times,
        "put_change": times,
        "put_copy": {"times": "1"},
        "put_answer": {"code": house.code, "word": "well"},
        "change_code": {"do": "revoked"},
        "make": {"level": "1", "in": "en", "count": "1", "place": "Door", "cap_person": "1"},
        "put_new_badge": badge,
        "put_edit": badge,
        "put_role": {"role": "editor"},
        "put_invitation": {"role": "editor"},
        "invite": {"role": "editor", "about": f"organiser/{house.organiser_id}", "label": "Jo"},
        "put_correction": {"awarded_on": "2026-05-30"},
        "name_people": {"name-0": "Jo", "address-0": "jo@example.org"},
        "put_rule": {"order": "any", "required": house.activity_id},
        "put_row": {"way": "leave"},
        "put_draft": {"about": f"activity:{house.activity_id}"},
        "put_settings": {"country": "NL"},
        "put_name": {"name": "Omar"},
    }
