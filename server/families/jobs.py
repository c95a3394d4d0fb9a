"""What is due in families: classes whose last day is over go."""

from datetime import datetime

from server.core.db import db, writing
from server.core.jobs import every
from server.families import classes
from server.families.models import SchoolClass


@every(hours=1)
def end_classes(at: datetime) -> None:
    """Remove the lists of classes whose last day is over, each in a transaction of its own."""
    for id in classes.due(db.session(), at):
        with writing() as session:
            found = session.get(SchoolClass, id)
            if found and not found.closed_at:
                classes.end_class(session, found, at)
