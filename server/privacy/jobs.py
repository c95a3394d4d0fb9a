"""What is due about people's data: erasing what was left undone, ending what was kept long enough, and copies."""

import logging
from datetime import datetime

from server.core.db import db, writing
from server.core.jobs import every
from server.core.storage import files
from server.privacy import ending, erasing, exports
from server.privacy.models import Export
from server.privacy.packing import pack

_log = logging.getLogger(__name__)


@every(minutes=1)
def erase_who_asked(at: datetime) -> None:
    """Erase those whose word was accepted while something was in the way."""
    erasing.carry_out(erasing.wishes(db.session()), at)


@every(days=1)
def erase_again(at: datetime) -> None:
    """Erase again whom a restored backup brought back."""
    erasing.again(at)


@every(days=1)
def end_what_is_old(at: datetime) -> None:
    """End what each city has kept for as long as it keeps it."""
    done = {name: count for name, count in ending.end_all(at).items() if count}
    if done:
        _log.info("Kept long enough: %s", ", ".join(f"{count} {name}" for name, count in done.items()))


@every(seconds=3)
def make_copies(at: datetime) -> None:
    """Make the copies that learners asked for, one after the other."""
    for export_id in exports.waiting(db.session()):
        make_copy(export_id, at)


def make_copy(export_id: str, at: datetime) -> None:
    """Make one copy. One that cannot be made says so, and its learner may ask again."""
    wanted = db.session().get(Export, export_id)
    if wanted is None:
        return
    learner, key, target = wanted.learner_id, exports.file_of(wanted), exports.draft_file()
    try:
        size = pack(db.session(), learner, wanted.lang, target, at)
        files().put_file(key, target)
        made = {"made_at": at, "size": size}
    except Exception:
        _log.exception("A copy could not be made.")
        made = {"problem": "failed"}
    finally:
        target.unlink(missing_ok=True)
    with writing() as session:
        kept = session.get(Export, export_id)
        for name, value in made.items() if kept else ():
            setattr(kept, name, value)
    if kept is None:  # erased meanwhile
        files().delete(key)
