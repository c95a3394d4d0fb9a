"""A short soak on both databases: the same faults as `make soak`, in seconds."""

from server.config import Config
from server.core.db import db as database
from tests.faults.soak import Soak


def test_a_short_soak_loses_and_doubles_nothing(config: Config) -> None:
    tally = Soak(config, events=1000, days=6).run()
    database.session.remove()
    database.engine.dispose()
    assert (tally.lost, tally.doubled, tally.unseen) == (0, 0, 0)
    assert tally.report and tally.report.findings == []
    assert tally.faults["restore"] == 2 and tally.sent > tally.events > 900
