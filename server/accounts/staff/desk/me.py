"""What a member of staff looks after themselves: name, ways in, and where they are signed in."""

from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_datetime, get_timezone
from flask import Response, redirect, request

from server.accounts import passkeys, services
from server.accounts.models import User, UserSession
from server.accounts.sessions import actor, opened, proved, signed_in
from server.accounts.staff.browsers import browser_name
from server.accounts.staff.desk import desk
from server.accounts.staff.factors import factors_of
from server.accounts.staff.invitations import read_name
from server.audit.services import note
from server.cities.current import current_city
from server.core.db import db, utc_now, writing
from server.core.errors import DomainError, NotFound
from server.core.i18n import LANGUAGES, gettext, language
from server.core.roles import STAFF, needs
from server.core.shell import private_page


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere a user is signed in."""

    session: UserSession
    here: bool

    @property
    def browser(self) -> str:
        return browser_name(self.session.agent)

    @property
    def way(self) -> str:
        names = {
            "passkey": gettext("by passkey"),
            "link": gettext("by a link in a mail"),
            "invitation": gettext("by an invitation"),
            "command": gettext("by a link from the operator"),
        }
        return names.get(self.session.way, "")


def said() -> str:
    """Say what was just done, by the word in the address."""
    words = {
        "saved": gettext("Saved."),
        "passkey": gettext("Your passkey is set up. Sign in with it from now on."),
        "renamed": gettext("Renamed."),
        "removed": gettext("Removed. It opens nothing any more."),
        "asked": gettext("A link is on its way to the new address. Open it in this browser, within an hour."),
        "address": gettext("Your mail address is changed."),
        "ended": gettext("Signed out there."),
        "welcome": gettext("Welcome! You are signed in. Set up a passkey now, so that you get in again without a mail."),
    }  # fmt: skip
    return words.get(request.args.get("done", ""), "")


def go(done: str) -> Response:
    return redirect(f"/desk/me?lang={language()}&done={done}", 303)  # type: ignore[return-value]


def next_page() -> str:
    """Say where somebody was who had to set up a second factor first; empty for who came by themselves."""
    wanted = request.values.get("next")
    return services.safe_next(wanted) if wanted else ""


def when(at: datetime) -> str:
    """Write a moment in the city's time."""
    zone = get_timezone(current_city().timezone)
    return format_datetime(at, "d MMM y, HH:mm", tzinfo=zone, locale=language())


@desk.app_template_global()
def second_factor_until(user: User) -> str:
    """Say until when a second factor must be set up; empty when there is one, or none is needed."""
    has = factors_of(db.session(), user)
    return when(has.due) if has.missing and has.due else ""


@desk.get("/desk/me")
@needs(STAFF)
def me_page() -> Response:
    return show_me(signed_in(to_set_up=True))


def show_me(user: User, problem: DomainError | None = None, email: str = "") -> Response:
    """Show the page; `problem`: what is wrong with the address that was typed, `email`."""
    session, now = db.session(), opened().id
    has = factors_of(session, user)
    return private_page(
        "accounts/me.html",
        status=problem.status if problem else 200,
        problem=str(problem) if problem else "",
        email=email,
        user=user,
        has=has,
        late=has.due is not None and has.due <= utc_now(),
        passkeys=passkeys.passkeys_of(session, user=user.id),
        places=[Place(one, one.id == now) for one in services.sessions_of(session, user.id, utc_now())],
        said=said(),
        when=when,
        languages_of_mails=LANGUAGES,
    )


@desk.post("/desk/me")
@needs(STAFF)
def put_me() -> Response:
    """Change one's name, and the language of mails."""
    signed_in(to_set_up=True)
    name, lang = read_name(request.form.get("name", "")), request.form.get("mails", "")
    with writing() as session:
        user = session.get_one(User, signed_in(to_set_up=True).id)
        user.name, user.lang = name, lang if lang in LANGUAGES else ""
        note(session, actor(), "staff.name", user.id, at=utc_now())
    return go("saved")


@desk.post("/desk/me/sessions")
@needs(STAFF)
def end_sessions() -> Response:
    """Sign out somewhere else: in one browser, or in all but this one."""
    user = proved(to_set_up=True)
    only, this = request.form.get("session", ""), opened().id
    with writing() as session:
        ended = services.end_sessions(session, user.id, only=only, but=this)
        if not ended and only:
            raise NotFound()
        note(session, actor(), "staff.sign_out_elsewhere", user.id, at=utc_now(), sessions=ended)
    return go("ended")
