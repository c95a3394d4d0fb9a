"""What a time on a city's clocks means in the nights when they are changed: the examples of RFC 5545, section 3.3.5."""

from datetime import UTC, datetime

from server.core.wall_clock import Moment, moment_of


def in_new_york(wall: str) -> Moment:
    return moment_of(datetime.fromisoformat(wall), "America/New_York")


def test_a_time_that_the_clocks_skip_is_moved_on_by_what_they_skip() -> None:
    moment = in_new_york("2007-03-11T02:30")
    assert moment == Moment(datetime(2007, 3, 11, 7, 30, tzinfo=UTC), skipped=True)
    assert moment.at == in_new_york("2007-03-11T03:30").at


def test_of_a_time_that_comes_twice_the_first_is_meant() -> None:
    first = datetime(2007, 11, 4, 5, 30, tzinfo=UTC)
    assert in_new_york("2007-11-04T01:30") == Moment(first, twice=True)


def test_the_times_beside_a_change_are_as_ever() -> None:
    assert in_new_york("2007-03-11T03:00") == Moment(datetime(2007, 3, 11, 7, tzinfo=UTC))
    assert in_new_york("2007-11-04T02:00") == Moment(datetime(2007, 11, 4, 7, tzinfo=UTC))
