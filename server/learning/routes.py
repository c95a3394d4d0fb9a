"""The desk's list of flagged check-ins: look, keep, void, change one's mind; and the answer to a leak alarm."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_datetime, get_timezone
from flask import Blueprint, Response, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.acts import keep_act
from server.accounts.models import User
from server.accounts.sessions import signed_in
from server.activities.models import Activity
from server.badges.assurance import level_name
from server.badges.models import Achievement
from server.codes.models import Code, Point
from server.codes.tokens import show_typed
from server.core.db import db, utc_now, writing
from server.core.errors import NotFound
from server.core.i18n import language, pick
from server.core.roles import EDITOR, REVIEWER, needs
from server.core.shell import private_page
from server.core.text import clean
from server.learning import flag_words, leaks
from server.learning.flagged import (
    Group,
    Item,
    Realm,
    achievements_of,
    count_pending,
    history,
    pending,
    realm_of,
)
from server.learning.leaks import Bar
from server.learning.models import Flag
from server.learning.voids import Said, decide
from server.occurrences.models import Occurrence
from server.organisers.services import acting, is_at_least, memberships
from server.replicas.moments import moment
from server.replicas.store import SqlStore
from server.replicas.terms import read_terms

routes = Blueprint("learning", __name__, template_folder="templates")
LIST = "/desk/flags"
AT_ONCE = 20
"""So many are decided in one transaction: a void may withdraw badges, and phones want to write too."""


@dataclass(frozen=True)
class Alarm:
    """A leak alarm as the desk shows it: `may_withdraw` says whether the user may end the code."""

    flag: Flag
    code: Code
    title: str
    timezone: str
    may_withdraw: bool

    @property
    def bars(self) -> list[Bar]:
        return leaks.bars(db.session(), self.code.id, self.flag)

    @property
    def most(self) -> int:
        return max((bar.used for bar in self.bars), default=0) or 1

    @property
    def typed(self) -> str:
        return show_typed(self.code.typed) if self.code.typed else ""

    @property
    def since(self) -> str:
        return _when(moment(self.flag.facts["since"]), self.timezone)

    def hour(self, at: datetime) -> str:
        return format_datetime(at, "HH:mm", tzinfo=get_timezone(self.timezone), locale=language())


@routes.get(LIST)
@needs(REVIEWER)
def flags_page() -> Response:
    """Show what needs a look, what learners say to a void, and what was decided."""
    user = signed_in()
    session, realm = db.session(), _realm(user)
    appealed, groups = pending(session, realm)
    return private_page(
        "learning/flags.html",
        alarms=desk_alarms(user),
        appealed=appealed,
        groups=groups,
        decided=history(session, realm),
        done=request.args.get("done", type=int),
        word=request.args.get("word", ""),
        withdrawn=request.args.get("code", ""),
        reasons=flag_words.reasons(),
    )


@routes.post(LIST)
@needs(REVIEWER)
def put_words() -> Response:
    """Keep or void what the form names."""
    user = signed_in()
    keys = [_read_key(one) for one in request.form.getlist("event")]
    organisers = _deciding_at(user, keys)
    word = request.form.get("word", "")
    reason = clean(request.form.get("words", "")).strip() or clean(request.form.get("reason", ""))
    said, done = Said(word, reason if word == "voided" else "", user), 0
    for first in range(0, len(keys), AT_ONCE):
        with writing() as session:
            store = SqlStore(session, read_terms(request.host), utc_now(), careful=True)
            decided = decide(session, store, keys[first : first + AT_ONCE], said)
            for organiser in organisers:
                keep_act(session, "checkin." + said.word, "", organiser, number=decided, why=said.reason)
            done += decided
    return _back(f"&done={done}&word={word}")


@routes.post(f"{LIST}/alarm")
@needs(REVIEWER)
def put_answer() -> Response:
    """Say that all is well, or, as an editor, withdraw a code that leaked and mark what came by it."""
    user, code_id = signed_in(), request.form.get("code", "")
    withdraw = request.form.get("word") == "withdraw"
    with writing() as session:
        code = session.get(Code, code_id)
        if code is None:
            raise NotFound()
        organiser = _may_answer(user, code, EDITOR if withdraw else REVIEWER)
        marked = leaks.answer(session, code, user, utc_now(), withdraw=withdraw)
        act = "code.leaked" if withdraw else "code.well"
        keep_act(session, act, code_id, organiser, marked=marked)
    return _back(f"&done={marked}&word=withdrawn&code={code_id}" if withdraw else "&done=0&word=well")


def _back(more: str) -> Response:
    return redirect(f"{LIST}?lang={language()}{more}", 303)  # type: ignore[return-value]


def _read_key(written: str) -> tuple[str, str]:
    learner, _, event = clean(written).partition("/")
    return learner, event


def _where(user: User, role: str) -> list[str]:
    """List the organisers in which a user is at least `role`, for what other pages show of this one."""
    return [one.organiser_id for one in memberships(db.session(), user) if is_at_least(one, role)]


def _realm(user: User) -> Realm:
    """Return what a user may look at. Raises NotFound when that is nothing."""
    return _realm_of(db.session(), [one.organiser_id for one in acting(db.session(), user)])


def _realm_of(session: Session, organisers: Sequence[str]) -> Realm:
    activities = session.scalars(select(Activity.id).where(Activity.organiser_id.in_(organisers))).all()
    return Realm(activities, achievements_of(session, organisers))


def _deciding_at(user: User, keys: Sequence[tuple[str, str]]) -> set[str]:
    """Return where these check-ins were flagged. Raises NotFound when the user may not decide at all of these."""
    organisers = {member.organiser_id for member in acting(db.session(), user)}
    activities, achievements = realm_of(db.session(), keys)
    found = [db.session.get_one(Activity, id).organiser_id for id in activities]
    found += [db.session.get_one(Achievement, id).organiser_id for id in achievements]
    if not set(found) <= organisers:
        raise NotFound()
    return set(found)


def _may_answer(user: User, code: Code, role: str) -> str:
    """Return whose code this is. Raises NotFound when the user is not at least `role` there."""
    about = code.point.activity or code.point.achievement
    if about is None or about.organiser_id not in {
        one.organiser_id for one in acting(db.session(), user, role)
    }:
        raise NotFound()
    return about.organiser_id


def desk_alarms(user: User) -> list[Alarm]:
    """List the alarms that sound where a user may look, for the desk's pages."""
    organisers = _where(user, REVIEWER)
    if not organisers:
        return []
    session, realm = db.session(), _realm_of(db.session(), organisers)
    ends = set(_where(user, EDITOR))
    found = leaks.alarms(session, realm.activities, realm.achievements)
    return [_alarm(flag, session.get_one(Code, flag.code_id), ends) for flag in found]


def code_alarms(code_id: str) -> list[Alarm]:
    """List the alarm of one code, if it sounds and the user may look, for the code's own page."""
    return [one for one in desk_alarms(signed_in()) if one.code.id == code_id]


def _alarm(flag: Flag, code: Code, ends: set[str]) -> Alarm:
    point: Point = code.point
    about = point.activity or point.achievement
    title = pick(about.title if isinstance(about, Activity) else about.name) if about else ""
    organiser = about.organiser if about else None
    zone = organiser.city.timezone if organiser else "UTC"
    return Alarm(flag, code, title, zone, bool(about and about.organiser_id in ends))


def count_flags(user: User) -> int:
    """Count the check-ins that wait for this user's look; 0 for those who may not look."""
    organisers = _where(user, REVIEWER)
    realm = _realm_of(db.session(), organisers) if organisers else None
    return count_pending(db.session(), realm) if realm else 0


# In words


def flag_place(flag: Flag) -> str:
    """Name what a flagged check-in was for: the activity, or the badge of a claim code."""
    if flag.activity_id:
        return pick(db.session.get_one(Activity, flag.activity_id).title)
    code = db.session.get(Code, flag.code_id) if flag.code_id else None
    return pick(code.point.achievement.name) if code and code.point.achievement else ""


def flag_session(flag: Flag) -> str:
    """Say when the session was; empty outside sessions."""
    found = db.session.get(Occurrence, flag.occurrence) if flag.occurrence else None
    return _when(found.starts_at, _zone(flag)) if found else ""


def flag_when(flag: Flag, at: datetime) -> str:
    """Write a moment in the city's time."""
    return _when(at, _zone(flag))


def _zone(flag: Flag) -> str:
    if flag.activity_id:
        return db.session.get_one(Activity, flag.activity_id).organiser.city.timezone
    code = db.session.get(Code, flag.code_id) if flag.code_id else None
    return code.point.achievement.organiser.city.timezone if code and code.point.achievement else "UTC"


def _when(at: datetime, timezone: str) -> str:
    return format_datetime(at, "EEE d MMM, HH:mm", tzinfo=get_timezone(timezone), locale=language())


def decided_by(item: Item) -> str:
    user = db.session.get(User, item.flag.user_id) if item.flag.user_id else None
    return user.name if user else ""


def group_keys(group: Group) -> list[str]:
    return ["/".join(item.key) for item in group.items]


for shown in (
    flag_place, flag_session, flag_when, decided_by, group_keys, code_alarms, level_name, count_flags, desk_alarms,
    flag_words.kind_title, flag_words.kind_meaning, flag_words.facts_words, flag_words.alarm_words,
    flag_words.alarm_reason,
):  # fmt: skip
    routes.add_app_template_global(shown)
