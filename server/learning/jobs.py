"""What is due in learning: check-ins are looked at for what is implausible."""

from datetime import datetime

from server.core.db import db
from server.core.jobs import every
from server.learning.looking import look


@every(minutes=1)
def look_at_new(at: datetime) -> None:
    """Flag what has come since the last look: a flag is there within a minute or two of its check-in."""
    look(db.session(), at)
