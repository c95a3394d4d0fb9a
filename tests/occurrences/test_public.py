"""What everybody sees of sessions: the stop's page, the city's home, calendars, search engines, and bundles."""

import hashlib
import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from server.codes.services import commitment_of
from server.core.db import utc_now
from server.occurrences.models import Occurrence
from server.occurrences.services import ON_SCREEN, PRINTED, Plan, cancel, change, code_of, make, point_of
from server.playlists.services import sessions_shown
from tests.cast import NOON, Museum
from tests.occurrences.conftest import BEFORE, plan


def at_noon(days: int) -> datetime:
    return utc_now().replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=days)


@pytest.fixture
def coming(db: Session, museum: Museum) -> Occurrence:
    """Tomorrow from 12:00 to 13:30 UTC, in the attic, for twelve."""
    start = at_noon(1)
    wanted = Plan(start, start + timedelta(minutes=90), 12, {"en": "The attic; left, up"})
    made = make(db, museum.activities[0], wanted, utc_now())
    db.commit()
    return made


def bundle(client: FlaskClient, museum: Museum) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/playlists/{museum.playlist.id}/bundle?lang=en").get_json()
    return found


def test_the_stop_s_page_lists_what_comes_and_not_how_many_places_are_left(
    client: FlaskClient, db: Session, museum: Museum, coming: Occurrence
) -> None:
    page = client.get("/en/activities/stop-0")
    assert f'id="session-{coming.id}"' in page.text
    assert "12 places" in page.text and "The attic; left, up" in page.text
    assert page.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    coming.taken = 5
    db.commit()
    assert client.get("/en/activities/stop-0").data == page.data
    assert "session-" not in client.get("/en/activities/stop-1").text


def test_the_home_says_what_comes_soon_and_leaves_out_what_is_cancelled(
    client: FlaskClient, db: Session, museum: Museum, coming: Occurrence
) -> None:
    assert f"#session-{coming.id}" in client.get("/en/").text
    cancel(db, coming, "Rain", utc_now())
    db.commit()
    assert coming.id not in client.get("/en/").text


def test_a_cancelled_session_says_so_and_why(
    client: FlaskClient, db: Session, museum: Museum, coming: Occurrence
) -> None:
    cancel(db, coming, "The <b>roof</b> leaks", utc_now())
    db.commit()
    page = client.get("/en/activities/stop-0").text
    assert "Cancelled" in page and "The &lt;b&gt;roof&lt;/b&gt; leaks" in page
    assert 'data-island="reserve"' not in page
    assert "EventCancelled" in page


def test_its_code_leads_to_the_stop_with_the_session_on_top(
    client: FlaskClient, db: Session, museum: Museum, coming: Occurrence
) -> None:
    page = client.get(f"/s/{point_of(db, coming).id}").text
    here = page.index('class="session-here"')
    assert here < page.index("<h1>Stop 0</h1>")
    assert "The attic; left, up" in page[here : here + 900]
    assert "session-here" not in client.get(f"/s/{museum.code(0).point_id}").text


def test_search_engines_read_an_event(client: FlaskClient, museum: Museum, coming: Occurrence) -> None:
    page = client.get("/en/activities/stop-0").text
    found = [json.loads(one) for one in re.findall(r'ld\+json">(.*?)</script>', page)]
    (event,) = [one for one in found if one["@type"] == "Event"]
    assert datetime.fromisoformat(event["startDate"]) == coming.starts_at
    assert event["startDate"].endswith(("+01:00", "+02:00"))
    assert (event["location"]["name"], event["maximumAttendeeCapacity"]) == ("The attic; left, up", 12)


def test_a_calendar_reads_it(client: FlaskClient, db: Session, museum: Museum, coming: Occurrence) -> None:
    museum.activities[0].title = {"en": "Kn\u00fcpfen, " + "l\u00e4nger " * 20}
    db.commit()
    answer = client.get(f"/en/sessions/{coming.id}.ics")
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert all(len(line) <= 75 for line in answer.data.split(b"\r\n"))
    lines = answer.get_data(as_text=True).replace("\r\n ", "").split("\r\n")
    assert f"DTSTART:{coming.starts_at:%Y%m%dT%H%M%SZ}" in lines
    assert "LOCATION:The attic\\; left\\, up" in lines
    assert any(line.startswith("SUMMARY:Kn\u00fcpfen\\, l\u00e4nger") for line in lines)
    assert "STATUS:CONFIRMED" in lines
    assert client.get(f"/en/sessions/{museum.playlist.id}.ics").status_code == 404


def test_a_bundle_knows_the_sessions_and_their_codes(
    client: FlaskClient, db: Session, museum: Museum, coming: Occurrence
) -> None:
    found, point = bundle(client, museum), point_of(db, coming).id
    start = round(coming.starts_at.timestamp() * 1000)
    assert found["sessions"] == [
        {
            "id": coming.id, "activity": museum.activities[0].id, "starts": start, "ends": start + 5_400_000,
            "capacity": 12, "place": "The attic; left, up", "cancelled": False, "reason": None, "point": point,
        }
    ]  # fmt: skip
    codes = {one["level"]: one for one in found["codes"] if one["occurrence"] == coming.id}
    printed = code_of(db, coming, PRINTED)
    assert codes[PRINTED]["commitment"] == commitment_of(printed)
    assert (codes[ON_SCREEN]["point"], codes[ON_SCREEN]["commitment"]) == (point, None)
    assert code_of(db, coming, ON_SCREEN).secret not in json.dumps(found)


@pytest.mark.parametrize("what", ["time", "places", "cancelled", "new"])
def test_whatever_changes_in_a_session_changes_the_bundle_and_its_page(
    client: FlaskClient, db: Session, museum: Museum, coming: Occurrence, what: str
) -> None:
    before = bundle(client, museum)
    start = coming.starts_at
    if what == "time":
        later = Plan(start + timedelta(hours=1), start + timedelta(hours=2), 12, coming.place)
        change(db, coming, later, utc_now())
    elif what == "places":
        change(db, coming, Plan(start, coming.ends_at, 13, coming.place), utc_now())
    elif what == "cancelled":
        cancel(db, coming, "Rain", utc_now())
    else:
        make(db, museum.activities[0], Plan(start, start + timedelta(hours=1)), utc_now())
    db.commit()
    after = bundle(client, museum)
    assert after["version"] != before["version"]
    for page in after["pages"]:
        assert hashlib.sha256(client.get(page["url"]).data).hexdigest() == page["sha256"]


def test_pages_change_with_the_city_s_day_and_not_by_the_minute(
    db: Session, museum: Museum, occurrence: Occurrence
) -> None:
    later = make(db, museum.activities[0], plan(hours=24), BEFORE)

    def shown(at: datetime) -> list[str]:
        return [one.id for one in sessions_shown(db, museum.activities, at)]

    for hours in (0, 0.99, 1.01, 9.9):  # until the city's midnight
        assert shown(NOON + timedelta(hours=hours)) == [occurrence.id, later.id]
    assert shown(NOON + timedelta(hours=10)) == [later.id]
