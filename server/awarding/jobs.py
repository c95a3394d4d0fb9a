"""What is due in giving: lists go on, badges for milestones that are new, and addresses are forgotten."""

import time
from datetime import datetime

from server.awarding import catching_up, mailing, services
from server.core.db import db, writing
from server.core.jobs import every

_TURN_S = 20
"""So long a list is given in one go; then other jobs have their turn."""


@every(seconds=5)
def give_lists(at: datetime) -> None:
    """Go on with lists that are being given, a piece in each transaction, so that phones are not kept waiting."""
    until = time.monotonic() + _TURN_S
    for batch in services.running(db.session()):
        left = 1
        while left and time.monotonic() < until:
            with writing() as session:
                left = services.run_piece(session, batch, at)


@every(seconds=10)
def mail_links(at: datetime) -> None:
    """Send the links of lists whose organiser said so, some in each transaction."""
    until = time.monotonic() + _TURN_S
    for batch in mailing.open_mailings(db.session()):
        more = True
        while more and time.monotonic() < until:
            with writing() as session:
                more = mailing.run_piece(session, batch, at)


@every(seconds=15)
def catch_up(at: datetime) -> None:
    """Give new milestones to those who have reached them already, some people in each transaction."""
    until = time.monotonic() + _TURN_S
    for achievement in catching_up.open_catch_ups(db.session()):
        more = True
        while more and time.monotonic() < until:
            with writing() as session:
                more = catching_up.run_piece(session, achievement, at)


@every(days=1)
def forget_addresses(at: datetime) -> None:
    """Erase mail addresses and names from lists that are older than we keep them."""
    with writing() as session:
        services.forget_addresses(session, at)
