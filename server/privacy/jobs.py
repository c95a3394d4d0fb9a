"""What is due about people's data: erasing what was left undone, and ending what was kept long enough."""

from datetime import datetime

from server.core.db import db
from server.core.jobs import every
from server.privacy import erasing


@every(minutes=1)
def erase_who_asked(at: datetime) -> None:
    """Erase those whose word was accepted while something was in the way."""
    erasing.carry_out(erasing.wishes(db.session()), at)


@every(days=1)
def erase_again(at: datetime) -> None:
    """Erase again whom a restored backup brought back."""
    erasing.again(at)
