"""Every address of the application, as everybody, against what it declares: found by itself, whoever adds it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.routing import Rule

from server.app import create_app
from server.audit.words import known_acts
from server.config import Config
from server.core import roles
from tests.roles.forms import form_of
from tests.roles.street import (
    EVERYBODY,
    FAR_CITY,
    NEIGHBOUR,
    NOBODY,
    OF_CITY,
    OF_MUSEUM,
    PHONE,
    PROGRAM,
    STAFF,
    STRANGER,
    House,
    Street,
    open_street,
)
from tests.roles.things import NoThing, parts_to_swap, path_of, plain, thing_of

NEEDS_MORE = {
    "organisers.waiting_file", "awarding.awarding_desk.cards", "accounts.staff.put_passkey_of_mine",
}  # fmt: skip
"""Without a file, people of a list, or a key that is one's own there is nothing for the owner either."""
OF_OTHERS = {("/desk/<slug>/endorsements/new/<kind>/<id>", "id")}
"""Parts that may name what is another's: one endorses others."""
BY_ITS_FORM = {"learning.put_answer", "learning.put_words"}
"""Their form names a thing, and no part of the address does."""
ONLY_ASK = {"codes.codes_desk.search", "accounts.staff.prove_options", "accounts.staff.put_proof", "accounts.staff.mail_code", "accounts.staff.add_options", "accounts.staff.ask_for_address"}  # fmt: skip
"""Posted, so that what is typed stands in no address, and nothing of anybody's changes."""
NOTHING_CHOSEN = {"organisers.put_decision"}
"""Its form names what somebody handed in; what it keeps is seen in `tests/organisers/test_waiting.py`."""
ANYBODY = (NOBODY, PHONE, "owner", "city owner", FAR_CITY)
"""Enough to see that nobody is told apart: some of these pages are drawn and signed, which takes its time."""
SEEN_BY_OTHERS = ("Stop 0", "Museum visit", "Town Museum")


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Street]:
    folder = tmp_path_factory.mktemp("street")
    shutil.copyfile(migrated_sqlite, folder / "streetwise.sqlite3")
    app = create_app(Config(instance=folder, second_factor="offered"))
    app.testing = True
    with open_street(app, folder) as opened:
        yield opened


def rules_of(street: Street, *needed: str) -> list[tuple[Rule, str, str]]:
    """List the addresses that declare one of these roles, with each of their methods."""
    return [
        (rule, method, role)
        for rule in street.app.url_map.iter_rules()
        if (role := roles.needed(street.app, rule.endpoint)) in needed
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"})
    ]


def knock(street: Street, who: str, rule: Rule, method: str, path: str) -> int:
    """Return the status of an answer; 599 for what the application did not expect."""
    try:
        return street.ask(who, method, path, form_of(rule.endpoint, street)).status_code
    except Exception as error:
        print(f"{method} {path} as {who}: {error!r}")
        return 599


def test_each_part_of_an_address_has_something_that_stands_for_it(street: Street) -> None:
    missing = set()
    for rule in street.app.url_map.iter_rules():
        for name in rule.arguments:
            try:
                thing_of(rule, name)
            except NoThing as problem:
                missing.add(str(problem))
    assert not missing, "\n".join(sorted(missing))


def test_what_is_for_everybody_is_the_same_for_everybody(street: Street) -> None:
    holes = []
    for rule, method, _ in rules_of(street, roles.PUBLIC, roles.LINK):
        if rule.rule.startswith("/desk/"):
            continue  # signing in, and what a link there does, differ by who is there already
        path = path_of(rule, street.ours)
        found = {who: knock(street, who, rule, method, path) for who in ANYBODY}
        if len(set(found.values())) > 1 or max(found.values()) >= 500:
            holes.append((method, rule.rule, found))
    assert not holes, holes


def test_what_is_for_phones_and_programs_is_for_no_one_else(street: Street) -> None:
    holes = []
    for rule, method, role in rules_of(street, roles.DEVICE, roles.WALLET, roles.OPERATOR):
        path = path_of(rule, street.ours)
        welcome = {roles.DEVICE: PHONE, roles.OPERATOR: PROGRAM}.get(role)
        for who in EVERYBODY:
            status = knock(street, who, rule, method, path)
            if status >= 500 or (status < 400 and who != welcome):
                holes.append((who, method, rule.rule, status))
        if role == roles.OPERATOR and knock(street, PROGRAM, rule, method, path) != 200:
            holes.append((PROGRAM, method, rule.rule, "is not let in"))
    assert not holes, holes


def is_let_in(who: str, role: str, rule: Rule) -> bool:
    """Say by the declaration alone whether somebody may open an address of our museum."""
    if role == roles.STAFF:
        return who in STAFF and (not parts_to_swap(rule) or who == "owner")
    if role in roles.OF_CITY:
        return who in OF_CITY and roles.OF_CITY.index(who) >= roles.OF_CITY.index(role)
    if who in (NEIGHBOUR, STRANGER):  # owners at home; an address that names nothing shows what is theirs
        return not rule.arguments and rule.endpoint not in BY_ITS_FORM
    return who in OF_MUSEUM and OF_MUSEUM.index(who) >= OF_MUSEUM.index(role)


@pytest.mark.parametrize("needed", [roles.STAFF, *roles.OF_ORGANISER, *roles.OF_CITY])
def test_each_address_of_staff_opens_to_whom_it_declares_and_to_no_one_else(
    street: Street, needed: str
) -> None:
    holes = []
    for rule, method, role in rules_of(street, needed):
        path = path_of(rule, street.ours)
        for who in EVERYBODY:
            status = knock(street, who, rule, method, path)
            if method != "GET" and status < 400:
                street.put_back()
            if not _is_right(status, who, role, rule):
                holes.append((who, method, rule.rule, status))
    assert not holes, "\n".join(map(str, holes))


def _is_right(status: int, who: str, role: str, rule: Rule) -> bool:
    if who not in STAFF:
        return status == 401
    if is_let_in(who, role, rule):
        return status < 500 and (status not in (401, 403, 404) or rule.endpoint in NEEDS_MORE)
    return status == 404


def test_what_shows_each_what_is_theirs_shows_nothing_of_ours_to_others(street: Street) -> None:
    for rule, _, _ in rules_of(street, roles.STAFF, *roles.OF_ORGANISER):
        if rule.arguments or "GET" not in (rule.methods or ()):
            continue
        for who in (NEIGHBOUR, STRANGER, FAR_CITY):
            answer = street.ask(who, "GET", path_of(rule, street.ours))
            own = {NEIGHBOUR: " B", STRANGER: " C"}.get(who, " none")
            text = answer.text.replace(f"Town Museum{own}", "").replace(f"Museum visit{own}", "")
            for number in range(4):
                text = text.replace(f"Stop {number}{own}", "")
            assert not any(one in text for one in SEEN_BY_OTHERS), (who, rule.rule)


def test_nobody_reaches_anothers_thing_through_their_own_address(street: Street) -> None:
    """Our owner opens our address with one part of it replaced by the neighbour's, or by another city's."""
    holes = []
    for rule, method, role in rules_of(street, roles.STAFF, *roles.OF_ORGANISER, *roles.OF_CITY):
        who, others = _who_swaps(street, role)
        for other in others:
            for name in parts_to_swap(rule):
                if (plain(rule.rule), name) in OF_OTHERS:
                    continue
                path = path_of(rule, street.ours, name, other)
                status = knock(street, who, rule, method, path)
                if status != 404:
                    holes.append((method, path, rule.rule, name, status))
                if method != "GET" and status < 400:
                    street.put_back()
    assert not holes, "\n".join(map(str, holes))


def _who_swaps(street: Street, role: str) -> tuple[str, list[House]]:
    """The city's team sees all organisers of its city, so only what is of another city is not theirs."""
    if role in roles.OF_CITY:
        return "city owner", [street.far]
    return "owner", [street.next_door, street.far]


def test_each_act_of_staff_is_kept(street: Street) -> None:
    """From whoever may do most each form is accepted, and the audit log has an entry more, with words."""
    wrong = []
    for rule, method, role in rules_of(street, roles.STAFF, *roles.OF_ORGANISER, *roles.OF_CITY):
        if method == "GET" or rule.endpoint in ONLY_ASK | NOTHING_CHOSEN:
            continue
        before = street.acts()
        who = "city owner" if role in roles.OF_CITY else "owner"
        status = knock(street, who, rule, method, path_of(rule, street.ours))
        if status >= 400:
            wrong.append(
                f"{status} {rule.rule} ({rule.endpoint}): its form (tests/roles/forms.py) is refused"
            )
        elif not (fresh := street.acts()[len(before) :]):
            wrong.append(f"{rule.rule} ({rule.endpoint}): keep_act() (accounts/acts.py) is missing")
        elif unknown := set(fresh) - known_acts():
            wrong.append(f"server/audit/words.py has no words for {unknown}")
        if status < 400:
            street.put_back()
    assert not wrong, "\n".join(wrong)
